import type { CareRecord, RecordLine } from "../record.ts";
import type { Entry } from "./entry.ts";
import { isSlip } from "./standing.ts";

/**
 * The lines that a timeline shows, in display order. A line struck as a whole has every version of it struck: the newest
 * stands for all of them, and the earlier ones are its history.
 */
export const timelineLines = ({ lines }: Pick<CareRecord, "lines">): RecordLine[] => {
  const earlier = new Set(
    lines.filter(({ state }) => state === "struck").flatMap(({ history }) => history.map(({ id }) => id)),
  );
  return lines.filter(({ state, entry }) => state === "current" || (state === "struck" && !earlier.has(entry.id)));
};

/**
 * What must be struck so that nothing of a line stands any more, oldest first. Struck alone, an amendment would bring the
 * version before it back; in this order the newest one is shown until the very last strike.
 */
export const versionsToStrike = (
  { lines }: Pick<CareRecord, "lines">,
  { entry, history }: Pick<RecordLine, "entry" | "history">,
): Entry[] => {
  const struck = new Set(lines.filter(({ state }) => state === "struck").map((line) => line.entry.id));
  return [...history, entry].filter(({ id }) => !struck.has(id));
};

/** Why an entry was struck, as people say it: an undo's reason is a code. */
export const struckWhy = (strike: Entry): string =>
  isSlip(strike) ? "undone at once" : strike.ref?.reason || "no reason given";
