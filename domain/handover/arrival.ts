import * as z from "zod/mini";
import { instant, shortText, uuid } from "../entry/entry.ts";

/** Where a patient stands on the way to a site. `gone`: diverted, or the response was stood down after it was announced. */
export const arrivalStates = ["pre-alerted", "coming", "arrived", "handed-over", "diverted", "stood-down"] as const;

/** One reading on the board: the number as written, its unit as people say it, and when it was measured. */
const boardReading = z.object({ label: shortText, text: shortText, at: instant });

/**
 * One patient on a site's board: all that a row needs, computed from the record by `arrivalOf` (arrival-of.ts). Times are
 * instants and never ages, so that a row that is not refreshed grows old on the screen.
 */
export const arrival = z.object({
  recordId: uuid,
  siteId: z.string(),
  state: z.enum(arrivalStates),
  callSign: shortText,
  /** The crew asked this site to be ready; it stays true once they have set off. */
  prealerted: z.optional(z.boolean()),
  concern: shortText,
  /** Second line: onset, key findings, drugs in a few words. */
  detail: shortText,
  /** `72 F`, `4 M`, `adult`, `age not known`. */
  ageSex: shortText,
  /** Shown to a signed-in person only; a board that nobody has signed in to leaves it out. */
  name: z.optional(shortText),
  news2: z.nullable(
    z.union([
      z.object({ total: z.int(), single3: z.boolean(), at: instant }),
      z.object({ atLeast: z.int(), missing: z.array(shortText), at: instant }),
      z.object({ notFor: z.enum(["under-16", "pregnant", "age-not-known"]) }),
    ]),
  ),
  /** Totals of complete sets, oldest first, at most 12. */
  trend: z.array(z.object({ at: instant, total: z.int() })),
  eta: z.nullable(instant),
  arrivedAt: z.nullable(instant),
  handedOverAt: z.nullable(instant),
  acceptedBy: z.nullable(shortText),
  place: z.nullable(z.object({ place: shortText, area: z.enum(["resus", "majors", "fit2sit", "other"]) })),
  readings: z.array(boardReading).check(z.maxLength(6)),
  readingsAt: z.nullable(instant),
  /** Entries added, amended or struck after what the acceptor had seen, and not yet seen since. */
  changedSinceAcceptance: z.int(),
  /** How many lines, by a student, no crewmate has signed yet; absent for none. */
  awaitingCoSign: z.optional(z.int()),
  allergy: z.nullable(shortText),
  /** Chain heads of this record: what a `displayed` receipt for this row may claim. */
  heads: z.record(z.string(), z.int()),
  demonstration: z.boolean(),
});
export type Arrival = z.infer<typeof arrival>;
