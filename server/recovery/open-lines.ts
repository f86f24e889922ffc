import { leafBytes, leafOf } from "../archive/hashing.ts";
import { BadSealedFile } from "../archive/sealed-file.ts";
import { checkedLines, endOfLine, openSegment, type Segment } from "../archive/segment.ts";

/** What was sealed in a segment, checked. */
export interface OpenedLines {
  /** What `linesOf` reads. */
  opened: Buffer;
  /** Of each line, in the log's tree; `leafBytes` each. */
  leaves: Buffer;
  runs: Run[];
}
/** Lines of one record, or of none, that stand one after the other: their bytes in what was opened. */
export interface Run {
  recordId: string | undefined;
  start: number;
  end: number;
}
/** What is said of a line alone is longer. */
const lineBytesMin = 100;

/** Opens a segment by an age identity and checks each of its lines. Rejects with BadSealedFile. */
export const openLines = async (
  segment: Pick<Segment, "header" | "sealed">,
  identity: string,
): Promise<OpenedLines> => {
  const opened = await openSegment(segment, identity);
  const { header } = segment;
  const lines = header.last - header.first + 1;
  if (lines * lineBytesMin > opened.length)
    throw new BadSealedFile("unreadable", "It has fewer lines than its header says.");
  const leaves = Buffer.allocUnsafe(lines * leafBytes);
  const runs: Run[] = [];
  let [leavesEnd, end] = [0, 0];
  for (const line of checkedLines(opened, header)) {
    leavesEnd += leafOf(header.log, line).copy(leaves, leavesEnd);
    const start = end;
    end = endOfLine(opened, start, line.bytes);
    const run = runs.at(-1);
    if (run !== undefined && run.recordId === line.recordId) run.end = end;
    else runs.push({ recordId: line.recordId, start, end });
  }
  return { opened, leaves, runs };
};
