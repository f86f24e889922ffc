import * as z from "zod/mini";
import { instant, uuid } from "#domain/entry/entry.ts";
import { limits } from "./limits.ts";
import { serverState } from "./server-state.ts";

/** Who the patient is, as far as a look-up needs it. A surname counts as it sounds, everything else exactly. */
export const findBy = z.union([
  z.object({ nhsNumber: z.string().check(z.regex(/^\d{10}$/)) }),
  z.object({
    familyName: z.string().check(z.trim(), z.minLength(1), z.maxLength(200)),
    birthDate: z.iso.date(),
  }),
]);
export type FindBy = z.infer<typeof findBy>;

/** Which way of looking up it is, in words that name nobody. */
export const lookUpWay = z.enum(["nhs-number", "name-and-birth-date"]);
export const wayOf = (by: FindBy): z.infer<typeof lookUpWay> =>
  "nhsNumber" in by ? "nhs-number" : "name-and-birth-date";

/** `POST /sync/v1/find`, with the header `holdfast-reason`. */
export const findRequest = z.object({ protocol: z.int(), by: findBy });
export type FindRequest = z.infer<typeof findRequest>;

/** As much of a record as it takes to choose it, and no name. */
export const foundRecord = z.object({
  recordId: uuid,
  /** Clinical time of its first entry. */
  startedAt: instant,
  callSign: z.string(),
  /** `72 F`, as on the arrivals board. */
  ageSex: z.string(),
  /** `other`: the record has the surname in letters that only sound like those that were asked for. */
  spelling: z.enum(["same", "other"]),
  /** The caller reads it without a reason, as its crew or as the site that it comes to. */
  yours: z.boolean(),
});
export type FoundRecord = z.infer<typeof foundRecord>;

/** Newest first. `more`: there are others, which this look-up does not tell of. */
export const findResponse = z.object({
  server: serverState,
  found: z.array(foundRecord).check(z.maxLength(limits.foundMax)),
  more: z.boolean(),
});
export type FindResponse = z.infer<typeof findResponse>;
