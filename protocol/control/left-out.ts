import * as z from "zod/mini";
import { pageOf } from "./page.ts";

/**
 * `GET /control/v1/left-out`, one row: a change of people, devices or settings that an earlier base wrote after the line that this log
 * goes on from, so that it did not happen.
 */
export const leftOutRow = z.object({
  epoch: z.int(),
  position: z.int(),
  received: z.string(),
  /** What was changed; empty for a line that this version cannot read. */
  kind: z.string(),
  id: z.string(),
  /** Its name, where this log knows it; else the id. */
  name: z.string(),
  by: z.string(),
});
export type LeftOutRow = z.infer<typeof leftOutRow>;
export const leftOutResponse = pageOf(leftOutRow);
