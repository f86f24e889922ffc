import { inboxAbout } from "#protocol/push.ts";
import type { HeldEntry, ReplicaStore } from "#sync/store.ts";
import { utf8 } from "./bytes.ts";
import type { Database, EntryRow, Sealed } from "./database.ts";
import { type InboxSealer, openBoxed } from "./inbox.ts";
import { sealText } from "./sealing.ts";
import { appendRow, entryLabel } from "./store.ts";
import { StoreFailure } from "./store-failure.ts";
import { things } from "./things.ts";

/** What a locked tablet seals to: the trust's inbox, so that it gets home, and its own box, so that an unlock can show it. */
export interface LockedSealers {
  inbox: InboxSealer | undefined;
  box: InboxSealer;
}

const never = (): Promise<never> => Promise.reject(new StoreFailure("aborted"));

/**
 * A store that can only be added to, for a tablet whose data key is not in memory: records begun here, and nothing of the
 * others. It knows what it wrote itself until the page ends or the tablet is unlocked.
 */
export const createLockedStore = (database: Database, { inbox, box }: LockedSealers): ReplicaStore => {
  const written = new Map<string, HeldEntry[]>();

  const append = async (entry: HeldEntry): Promise<HeldEntry | undefined> => {
    const { state: _state, text, ...clear } = entry;
    const [boxed, forInbox] = await Promise.all([
      box.seal(entryLabel(entry.id), text),
      inbox?.seal(inboxAbout(entry.deviceId, entry.recordId), text),
    ]);
    const row: EntryRow = {
      ...clear,
      at: "waiting",
      textBytes: utf8(text).length,
      text: boxed,
      boxed: 1,
      ...(forInbox && { forInbox }),
    };
    const before = written.get(entry.recordId) ?? [];
    if (before.length === 0) await remember(database, entry.recordId);
    const back = await appendRow(database, row);
    // It cannot be opened here again: what was read back is compared as it was sealed.
    if (back === undefined || !sameBytes(back.text, boxed)) return undefined;
    written.set(entry.recordId, [...before, entry]);
    return { ...entry };
  };

  return {
    append,
    read: async (id) => [...written.values()].flat().find((entry) => entry.id === id),
    entriesOf: async (recordId) => written.get(recordId) ?? [],
    records: async () => [],
    setOpen: never,
    waiting: async () => [],
    offerHeldAgain: never,
    mark: never,
    file: never,
    evict: never,
    counts: async () => ({ waiting: 0, held: 0, quarantined: 0 }),
    server: async () => undefined,
    setServer: never,
  };
};

const sameBytes = (a: Sealed, b: Sealed): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Before the first entry, so that an unlock never misses one. */
const remember = (database: Database, recordId: string): Promise<unknown> =>
  database.write(["things"], async (rows) => {
    const known = ((await rows.things.get(things.lockedRecords))?.value as string[] | undefined) ?? [];
    await rows.things.put({ name: things.lockedRecords, value: [...known, recordId] });
  });

/** After an unlock: seals what was written meanwhile under the data key, as if it had been written unlocked. */
export const openLockedEntries = async (database: Database, dataKey: CryptoKey, boxKey: Sealed): Promise<void> => {
  const recordIds = (await database.get<string[]>(things.lockedRecords)) ?? [];
  if (recordIds.length === 0) return;
  const found = await database.run((rows) => rows.entries.where("recordId").anyOf(recordIds).toArray());
  const texts = new Map<string, Sealed>();
  for (const row of found) {
    if (row.boxed === undefined) continue;
    // One that does not open any more stays as it is, and still goes to the inbox.
    const text = await openBoxed(boxKey, entryLabel(row.id), row.text).catch(() => undefined);
    if (text !== undefined) texts.set(row.id, await sealText(dataKey, entryLabel(row.id), text));
  }
  await database.write(["entries", "things"], async (rows) => {
    for (const row of await rows.entries.bulkGet([...texts.keys()])) {
      if (row === undefined) continue;
      const { boxed: _boxed, ...kept } = row;
      await rows.entries.put({ ...kept, text: texts.get(row.id)! });
    }
    await rows.things.delete(things.lockedRecords);
  });
};
