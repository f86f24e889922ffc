import * as z from "zod/mini";
import { roles } from "#defence/access/words.ts";
import { pageOf } from "./page.ts";

/** Where people work; on each their way in at a standby is another. */
export const standbyApps = ["tablet", "hospital", "desk"] as const;
const app = z.enum(standbyApps);
export type StandbyApp = z.infer<typeof app>;

/** `GET /control/v1/standby`: whether devices are told of a standby, and how many people could sign in there now, by app. */
export const standbyResponse = z.object({
  isSet: z.boolean(),
  apps: z.array(z.object({ app, people: z.int(), able: z.int() })),
});
export type StandbyResponse = z.infer<typeof standbyResponse>;

/** `GET /control/v1/standby/people`, one row: somebody who could not, and in which apps. */
export const unableRow = z.object({
  userId: z.string(),
  name: z.string(),
  staffNumber: z.string(),
  roles: z.array(z.enum(roles)),
  apps: z.array(app),
});
export type UnableRow = z.infer<typeof unableRow>;
export const unableResponse = pageOf(unableRow);
