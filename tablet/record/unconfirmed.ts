import type { CareRecord } from "#domain/record.ts";
import { clockTime } from "#ui/times.ts";

export interface Unconfirmed {
  /** The first of them, which the confirming note is about. */
  firstId: string;
  count: number;
  /** "12:04" or "12:04 to 12:09". */
  when: string;
}

/** What was written while the tablet was locked, and of which nobody has said yet who wrote it. */
export const unconfirmedOf = ({ lines }: CareRecord): Unconfirmed | null => {
  const entries = lines.map(({ entry }) => entry);
  const open = entries.filter(({ author }) => author.signIn === "none").sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = new Set(open.map(({ id }) => id));
  const isConfirmed = entries.some(
    ({ kind, ref, author }) => kind === "note" && author.signIn !== "none" && ref?.rel === "about" && ids.has(ref.id),
  );
  const [first, last] = [open[0], open.at(-1)];
  if (isConfirmed || first === undefined || last === undefined) return null;
  const [from, to] = [clockTime(first.recorded.clock), clockTime(last.recorded.clock)];
  return { firstId: first.id, count: open.length, when: from === to ? from : `${from} to ${to}` };
};
