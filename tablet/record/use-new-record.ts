import { useState } from "react";
import { type NewRecordParts, newRecord } from "./new-record.ts";
import type { Place } from "./places.ts";

export const notBegunWords = "The new record was not saved. Try again; if it stays so, use another tablet or paper.";

/** One tap to a new record: goes to it once it is durable; `failed` until a later one is. */
export const useNewRecord = (
  parts: NewRecordParts,
  go: (place: Place) => void,
): { begin: () => Promise<void>; failed: boolean } => {
  const [failed, setFailed] = useState(false);
  const begin = async () => {
    try {
      const recordId = await newRecord(parts);
      go({ at: "record", recordId, screen: "timeline" });
    } catch {
      setFailed(true);
    }
  };
  return { begin, failed };
};
