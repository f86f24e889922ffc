import { totalmem } from "node:os";
import type { ArchivedLine } from "../archive/segment.ts";

/**
 * Lines of care that a restore has just stored, as they were sealed: what is made of them need not be read and opened again. They lie
 * outside of the heap, an eighth of the machine's memory at most; a record that there is no room for is read.
 */
export interface KeptLines {
  /** The first lines of a segment; `bytes` is all of it, a JSON text a line. */
  add(lines: readonly ArchivedLine[], bytes: Buffer): void;
  /** All of the record's lines, in order, once; undefined where they are not all here. */
  take(recordId: string): ArchivedLine[] | undefined;
}

export const keepLines = (bytesMax = totalmem() / 8): KeptLines => {
  const segments: Buffer[] = [];
  /** Record id → segment, start and end of each of its lines. */
  const records = new Map<string, number[]>();
  const letGo = new Set<string>();
  let bytesKept = 0;
  return {
    add: (lines, bytes) => {
      if (bytesKept + bytes.length > bytesMax) {
        for (const { recordId = "" } of lines) {
          records.delete(recordId);
          letGo.add(recordId);
        }
        return;
      }
      bytesKept += bytes.length;
      segments.push(bytes);
      let start = 0;
      for (const { recordId = "" } of lines) {
        const next = bytes.indexOf(10, start);
        const end = next < 0 ? bytes.length : next;
        const places = records.get(recordId) ?? [];
        places.push(segments.length - 1, start, end);
        if (!letGo.has(recordId)) records.set(recordId, places);
        start = end + 1;
      }
    },
    take: (recordId) => {
      const places = records.get(recordId);
      records.delete(recordId);
      if (places === undefined) return undefined;
      return Array.from({ length: places.length / 3 }, (_, line) => {
        const [segment, start, end] = places.slice(3 * line, 3 * line + 3) as [number, number, number];
        return JSON.parse(segments[segment]!.toString("utf8", start, end)) as ArchivedLine;
      });
    },
  };
};
