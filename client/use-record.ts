import { useCallback, useEffect, useMemo, useState } from "react";
import type { Entry } from "#domain/entry/entry.ts";
import { type CareRecord, fold } from "#domain/record.ts";
import { readEntry } from "#sync/envelope.ts";
import type { ReadEntry, Replica } from "#sync/replica.ts";
import type { HeldEntry } from "#sync/store.ts";

/** A record's entries as this device holds them now, with where each stands; null until first read. Read anew at each change. */
export const useHeldEntries = (replica: Replica, recordId: string): ReadEntry[] | null => {
  const [held, setHeld] = useState<{ recordId: string; entries: ReadEntry[] } | null>(null);
  useEffect(() => {
    let wanted = true;
    let newest = 0;
    const read = async () => {
      const turn = ++newest;
      const entries = await replica.entries(recordId);
      // A slow earlier read must not replace what a later one found.
      if (wanted && turn === newest) setHeld({ recordId, entries });
    };
    // A store that fails shows in the client's snapshot; what was last read stays on the screen.
    const refresh = () => void read().catch(() => {});
    const stop = replica.onChange((event) => {
      if (event.type === "entries" && event.recordId === recordId) refresh();
      if (event.type === "archived") refresh();
      if (event.type === "states" && event.recordIds.includes(recordId)) refresh();
    });
    refresh();
    return () => {
      wanted = false;
      stop();
    };
  }, [replica, recordId]);
  return held?.recordId === recordId ? held.entries : null;
};

/**
 * Reads held texts as entries, each once: a change of a record brings one new text and all the old ones, and an entry that
 * is the same object is not read again further on either. Lives as long as the component.
 */
export const useEntryReader = (): ((held: readonly HeldEntry[]) => Entry[]) => {
  const [known] = useState(() => new Map<string, Entry | undefined>());
  return useCallback(
    (held) =>
      held
        .map(({ text }) => {
          if (!known.has(text)) known.set(text, readEntry(text).entry);
          return known.get(text);
        })
        .filter((entry) => entry !== undefined),
    [known],
  );
};

/** The record as it now is on this device, folded anew at each change of it; null until first read. */
export const useRecord = (replica: Replica, recordId: string): CareRecord | null => {
  const held = useHeldEntries(replica, recordId);
  const read = useEntryReader();
  return useMemo(() => (held === null ? null : fold(read(held))), [held, read]);
};
