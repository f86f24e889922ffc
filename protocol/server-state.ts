import * as z from "zod/mini";
import { instant, uuid } from "#domain/entry/entry.ts";

/** Every answer says which life of which log gave it. A new incarnation makes clients offer their heads again (refill). */
export const serverState = z.object({
  protocol: z.int(),
  trust: z.string(),
  epoch: z.int(),
  incarnation: uuid,
  /** Server time, to measure clock skew with. */
  time: instant,
  /**
   * Lines of the care log up to this position are in the archive, 0 for none: a segment that carries each of them was sealed
   * and taken. Counts in this life of this log alone. Absent while the base cannot tell.
   */
  archived: z.optional(z.int().check(z.nonnegative())),
  /**
   * This server is the trust's standby: it shows what the archive has, and what was pushed to it. `asOf`: when the base received the
   * last entry that is here; null before the first.
   */
  standby: z.optional(z.object({ asOf: z.nullable(instant) })),
});
export type ServerState = z.infer<typeof serverState>;

/** Of every answer of a standby: its `asOf`, or `none`. What has no `server` in it says so too. */
export const asOfHeader = "holdfast-as-of";

/** A place in a log. Positions are gapless within an epoch and count from 1; 0 is before the first. */
export const cursor = z.object({ epoch: z.int(), position: z.int().check(z.nonnegative()) });
export type Cursor = z.infer<typeof cursor>;
