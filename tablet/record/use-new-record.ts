import { useRef, useState } from "react";
import { type NewRecordParts, newRecord } from "./new-record.ts";
import type { Place } from "./places.ts";

export const notBegunWords = "The new record was not saved. Try again; if it stays so, use another tablet or paper.";

/** One tap to a new record, and so are two of a gloved hand: goes to it once it is durable; `failed` until a later one is. */
export const useNewRecord = (
  parts: NewRecordParts,
  go: (place: Place) => void,
): { begin: () => Promise<void>; failed: boolean } => {
  const [failed, setFailed] = useState(false);
  const isBeginning = useRef(false);
  const begin = async () => {
    if (isBeginning.current) return;
    isBeginning.current = true;
    try {
      const recordId = await newRecord(parts);
      go({ at: "record", recordId, screen: "timeline" });
    } catch {
      setFailed(true);
    } finally {
      isBeginning.current = false;
    }
  };
  return { begin, failed };
};
