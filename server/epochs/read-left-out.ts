import {
  type ArchiveCursor,
  adoptedLines,
  BrokenArchive,
  type SegmentsAsked,
  segmentsAfter,
} from "../recovery/segments.ts";
import { type LeftOutChange, leftOutOf } from "./left-out.ts";

/** What the archive holds of the control log after this place, as far as it is good. */
export const readLeftOut = async (
  asked: Omit<SegmentsAsked, "log" | "from"> & { from: ArchiveCursor },
): Promise<LeftOutChange[]> => {
  const found: LeftOutChange[] = [];
  try {
    for await (const segment of segmentsAfter({ ...asked, log: "control" }))
      found.push(...leftOutOf([...adoptedLines(segment)]));
  } catch (error) {
    if (!(error instanceof BrokenArchive)) throw error;
  }
  return found;
};
