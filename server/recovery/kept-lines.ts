import { totalmem } from "node:os";
import type { OpenedLines } from "./open-lines.ts";

/**
 * Lines of care that a restore has just stored, as they were sealed: what is made of them need not be read and opened again. They take
 * an eighth of the machine's memory at most, most of it outside of the heap; a record that there is no room for is read.
 */
export interface KeptLines {
  /** All lines of a segment. */
  add(segment: Pick<OpenedLines, "opened" | "runs">): void;
  /** Instead of a segment of which not all lines were stored. */
  skip(segment: Pick<OpenedLines, "runs">): void;
  /** All of the record's lines in order, in runs as `linesOf` reads them; once. Undefined where they are not all here. */
  take(recordId: string): Buffer[] | undefined;
}

/** Of the heap, for where a run lies. */
const runBytes = 128;

export const keepLines = (bytesMax = totalmem() / 8): KeptLines => {
  /** Record id → its runs of lines. */
  const records = new Map<string, Buffer[]>();
  const letGo = new Set<string>();
  let bytesKept = 0;
  const skip: KeptLines["skip"] = ({ runs }) => {
    for (const { recordId = "" } of runs) {
      records.delete(recordId);
      letGo.add(recordId);
    }
  };
  return {
    add: ({ opened, runs }) => {
      const bytes = opened.length + runBytes * runs.length;
      if (bytesKept + bytes > bytesMax) return skip({ runs });
      bytesKept += bytes;
      for (const { recordId = "", start, end } of runs) {
        if (letGo.has(recordId)) continue;
        const ofRecord = records.get(recordId) ?? [];
        ofRecord.push(opened.subarray(start, end));
        records.set(recordId, ofRecord);
      }
    },
    skip,
    take: (recordId) => {
      const runs = records.get(recordId);
      records.delete(recordId);
      return runs;
    },
  };
};
