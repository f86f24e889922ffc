import { type CareRecord, fold } from "#domain/record.ts";
import type { LogLine } from "../log-line.ts";
import { whenText } from "../when.ts";
import { type PageBlock, type PageModel, pageModel } from "./page-model.ts";

/** A line that a copy leaves out, with all its versions and what struck it, by the id of its first version. */
export interface Withheld {
  rootId: string;
  /** Printed on the copy, so that its reader knows why something is missing. */
  reason: string;
}

const columns = [
  { title: "When", width: 0.2 },
  { title: "Why it is withheld", width: 0.8 },
];

/**
 * The printed page without the lines withheld. What is left is folded anew, so that nothing withheld shows in the handover or
 * in a table; and no earlier version of a withheld line comes back. The copy says of each that it is missing, when it was and
 * why, and warns that what it does not say may have been withheld. Null where nothing would be left.
 */
export const redactedCopy = (
  lines: readonly LogLine[],
  withheld: readonly Withheld[],
  trustName: string,
  now: string,
): PageModel | null => {
  const record = fold(lines.map(({ entry }) => entry));
  const ids = idsOf(record, lines, withheld);
  const left = lines.filter(({ entry }) => !ids.has(entry.id));
  if (left.length === 0) return null;
  const model = pageModel(left, trustName, now);
  return {
    ...model,
    title: withheld.length === 0 ? "Copy of an ambulance record" : "Copy of an ambulance record, with parts withheld",
    blocks: [...warningOf(withheld), ...model.blocks, ...listOf(record, withheld)],
  };
};

/** The entries of those lines: every version, and whatever strikes or amends one of them. */
const idsOf = (record: CareRecord, lines: readonly LogLine[], withheld: readonly Withheld[]): ReadonlySet<string> => {
  const roots = new Set(withheld.map(({ rootId }) => rootId));
  const ids = new Set(record.lines.filter((line) => roots.has(line.rootId)).map(({ entry }) => entry.id));
  for (let before = -1; before < ids.size; ) {
    before = ids.size;
    for (const { entry } of lines)
      if (entry.ref && entry.ref.rel !== "about" && ids.has(entry.ref.id)) ids.add(entry.id);
  }
  return ids;
};

const warningOf = (withheld: readonly Withheld[]): PageBlock[] => {
  if (withheld.length === 0) return [];
  const count = `${withheld.length} ${withheld.length === 1 ? "line was" : "lines were"} withheld from this copy.`;
  const lines = [`${count} What is not said here may have been withheld: see the last table.`];
  return [{ block: "warning", lines }];
};

const listOf = (record: CareRecord, withheld: readonly Withheld[]): PageBlock[] => {
  if (withheld.length === 0) return [];
  const rows = withheld.map(({ rootId, reason }) => {
    const line = record.lines.find((each) => each.rootId === rootId);
    return { cells: [line ? whenText(line.entry.occurredAt) : "", reason] };
  });
  return [{ block: "table", heading: "Withheld from this copy", columns, rows }];
};
