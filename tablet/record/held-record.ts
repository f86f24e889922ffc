import { useMemo } from "react";
import { useEntryReader, useHeldEntries } from "#client/use-record.ts";
import type { Entry } from "#domain/entry/entry.ts";
import { type CareRecord, fold } from "#domain/record.ts";
import type { ReadEntry, Replica } from "#sync/replica.ts";
import type { HeldState } from "#sync/store.ts";

/** A record with where each of its entries stands with the base, by entry id. */
export interface HeldRecordView {
  record: CareRecord;
  states: ReadonlyMap<string, HeldState>;
  /** Ids of the entries that are in the archive. */
  archived: ReadonlySet<string>;
}

export const viewOf = (held: readonly ReadEntry[], read: (held: readonly ReadEntry[]) => Entry[]): HeldRecordView => ({
  record: fold(read(held)),
  states: new Map(held.map((entry) => [entry.id, entry.state])),
  archived: new Set(held.filter(({ inArchive }) => inArchive).map(({ id }) => id)),
});

/** The record as it now is on this device, read anew at each change of it; null until first read. */
export const useHeldRecord = (replica: Replica, recordId: string): HeldRecordView | null => {
  const held = useHeldEntries(replica, recordId);
  const read = useEntryReader();
  return useMemo(() => (held === null ? null : viewOf(held, read)), [held, read]);
};
