import * as z from "zod/mini";
import { instant } from "#domain/entry/entry.ts";

const origins = z.array(z.string().check(z.regex(/^https?:\/\/[^/\s]{1,300}$/))).check(z.minLength(1), z.maxLength(8));

/**
 * Where a trust's servers answer, by zone, the one to call first first: the base, then its standby. Signed by the trust, so that a device
 * moves nowhere else.
 */
export const serverList = z.object({
  type: z.literal("servers"),
  trust: z.string().check(z.maxLength(40)),
  made: instant,
  crew: origins,
  care: origins,
  control: origins,
});
export type ServerList = z.infer<typeof serverList>;
