import type { Problems } from "./problems.ts";

/** A line as one of two sides has it: everything that is counted of it, and what it is known by. */
export interface SidedLine {
  position: number;
  /** Hash of its leaf, hexadecimal. */
  leaf: string;
  /** Of its bytes. */
  hash: string;
  records: readonly string[];
}

/**
 * Says how lines differ from what was archived of them, from the lines of both sides that do not stand in the same place. Resolves
 * to the records that are touched.
 */
export const tellDifferences = (
  archived: readonly SidedLine[],
  stored: readonly SidedLine[],
  problems: Problems,
): Set<string> => {
  const records = new Set<string>();
  const storedBy = Map.groupBy(stored, ({ hash }) => hash);
  const archivedAt = new Map(archived.map((line) => [line.position, line]));
  const storedAt = new Map(stored.map((line) => [line.position, line]));
  const matched = new Map<SidedLine, SidedLine>();
  for (const line of archived) {
    const found = storedBy.get(line.hash)?.shift();
    if (found !== undefined) matched.set(line, found);
  }
  const kept = new Set(matched.values());
  const touch = (...lines: readonly (SidedLine | undefined)[]): void => {
    for (const id of lines.flatMap((line) => line?.records ?? [])) records.add(id);
  };
  for (const line of archived) {
    const { position } = line;
    const found = matched.get(line);
    const inItsPlace = storedAt.get(position);
    if (found === undefined && inItsPlace !== undefined && !kept.has(inItsPlace)) {
      touch(line, inItsPlace);
      problems.add("changed", position, position, "The archive holds another line.");
    } else if (found === undefined) {
      touch(line);
      problems.add("removed", position, position, "The archive holds the line, and the database does not.");
    } else if (found.position === position) {
      touch(line);
      problems.add(
        "changed",
        position,
        position,
        "Its bytes are the archive's; when, by whom or where they were stored is not.",
      );
    }
  }
  // Lines that only moved up or down behind one that is lacking or added are in their order.
  let highest = 0;
  for (const line of archived) {
    const found = matched.get(line);
    if (found === undefined || found.position === line.position) continue;
    if (found.position < highest) {
      touch(line);
      problems.add("reordered", line.position, line.position, "The line stands in another place.");
    }
    highest = Math.max(highest, found.position);
  }
  for (const line of stored) {
    const isChanged = archivedAt.has(line.position) && !matched.has(archivedAt.get(line.position)!);
    if (kept.has(line) || isChanged) continue;
    touch(line);
    problems.add("added", line.position, line.position, "The archive does not hold the line.");
  }
  return records;
};
