import { useEffect, useState } from "react";
import type { Client } from "#client/client.ts";
import { useEntryReader } from "#client/use-record.ts";
import { type HeldRecordView, viewOf } from "../../record/held-record.ts";

/** Newest first; a tablet that holds more shows these. */
const recordsMax = 40;

/** The records that this tablet holds, newest first, read anew when one of them changes; null until first read. */
export const useRecordList = (client: Client): HeldRecordView[] | null => {
  const [views, setViews] = useState<HeldRecordView[] | null>(null);
  const readEntries = useEntryReader();
  useEffect(() => {
    let wanted = true;
    let reading = false;
    let again = false;
    const { replica } = client;
    const read = async () => {
      again = reading;
      if (reading) return;
      reading = true;
      try {
        do {
          again = false;
          const held = (await client.records())
            .toSorted((a, b) => b.lastEntryAtMs - a.lastEntryAtMs)
            .slice(0, recordsMax);
          const next: HeldRecordView[] = [];
          for (const { recordId } of held) next.push(viewOf(await replica.entries(recordId), readEntries));
          if (wanted) setViews(next.filter((view) => view.record.recordId !== ""));
        } while (again && wanted);
      } catch {
        // The client's snapshot holds the failure, and the red banner shows it.
      } finally {
        reading = false;
      }
    };
    const stop = replica.onChange((event) => {
      if (event.type === "entries" || event.type === "states") void read();
    });
    void read();
    return () => {
      wanted = false;
      stop();
    };
  }, [client, readEntries]);
  return views;
};
