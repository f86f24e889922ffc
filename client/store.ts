import { Dexie } from "dexie";
import { inboxAbout } from "#protocol/push.ts";
import type { ServerState } from "#protocol/server-state.ts";
import type { HeldEntry, HeldRecord, HeldState, ReplicaStore } from "#sync/store.ts";
import { utf8 } from "./bytes.ts";
import type { Database, EntryRow, RecordRow, Rows } from "./database.ts";
import type { InboxSealer } from "./inbox.ts";
import { sealText, unsealText } from "./sealing.ts";
import { StoreFailure } from "./store-failure.ts";

export const serverThing = "server";

/** Opened texts kept in memory, entries. */
const openedMax = 5_000;

/** What an entry's text is bound to where it is sealed. */
export const entryLabel = (id: string): string => `entry ${id}`;

type StateColumns = Pick<EntryRow, "at" | "epoch" | "position" | "life" | "since" | "code" | "lacked" | "held">;
const stateColumns = (state: HeldState): StateColumns => state;

const stateOf = ({ at, epoch = 0, position = 0, life, since, code = "", lacked, held }: EntryRow): HeldState => {
  if (at === "waiting") return { at };
  if (at === "held") return { at, life: life ?? "" };
  if (at === "quarantined") return { at, code };
  const place = {
    epoch,
    position,
    ...(life === undefined ? {} : { life }),
    ...(since === undefined ? {} : { since }),
  };
  if (at === "acknowledged") return { at, ...place };
  return { at, ...place, ...(lacked && { lacked }), ...(held && { held }) };
};

const seal = async (key: CryptoKey, { state, text, ...clear }: HeldEntry): Promise<EntryRow> => ({
  ...clear,
  ...stateColumns(state),
  textBytes: utf8(text).length,
  text: await sealText(key, entryLabel(clear.id), text),
});

/** A row that does not open any more has no text: its hash then tells the replica, and it hides no other entry. */
const unseal = async (key: CryptoKey, row: EntryRow): Promise<HeldEntry> => {
  return heldOf(row, await unsealText(key, entryLabel(row.id), row.text).catch(() => ""));
};

const heldOf = (row: EntryRow, text: string): HeldEntry => {
  const { id, recordId, deviceId, n, hash, lane, signature } = row;
  const held = { id, recordId, deviceId, n, hash, lane, text };
  return { ...held, state: stateOf(row), ...(signature === undefined ? {} : { signature }) };
};

/** The state changes, what was sealed stays: dropped columns must not survive from the earlier state. */
export const withState = (row: EntryRow, state: HeldState): EntryRow => {
  const {
    epoch: _epoch,
    position: _position,
    life: _life,
    since: _since,
    code: _code,
    lacked: _lacked,
    held: _held,
    forInbox,
    ...kept
  } = row;
  const waits = (state.at === "waiting" || state.at === "held") && forInbox !== undefined;
  return { ...kept, ...(waits && { forInbox }), ...stateColumns(state) };
};

/** What stands of a record that sync has not touched yet: this device writes in it. */
const freshRecord = (recordId: string): RecordRow => ({ recordId, cursor: { epoch: 0, position: 0 }, open: true });

const inState = (rows: Rows, at: EntryRow["at"]) =>
  rows.entries.where("[at+recordId+n]").between([at, Dexie.minKey], [at, Dexie.maxKey]);

/** The clock inside a UUIDv7: when the device minted the entry, ms since 1970. */
const mintedAtMs = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** Entries of a record came from elsewhere: none of them makes it older than it was. */
const touch = async (rows: Rows, recordId: string, entries: readonly { id: string }[]): Promise<void> => {
  if (entries.length === 0) return;
  const before = (await rows.touched.get(recordId))?.lastEntryAtMs ?? 0;
  await rows.touched.put({ recordId, lastEntryAtMs: Math.max(before, ...entries.map(({ id }) => mintedAtMs(id))) });
};

const readRecords = async (rows: Rows): Promise<HeldRecord[]> => {
  const [records, touched] = await Promise.all([rows.records.toArray(), rows.touched.toArray()]);
  const held = new Map(records.map((record) => [record.recordId, { ...record, lastEntryAtMs: 0 }]));
  for (const { recordId, lastEntryAtMs } of touched)
    held.set(recordId, { ...(held.get(recordId) ?? freshRecord(recordId)), lastEntryAtMs });
  return [...held.values()];
};

/**
 * Adds one entry and touches its record, in one transaction; resolves to what a read after the commit found. Rejects with
 * `other-tab` where its id or its place is taken, and then keeps nothing of it.
 */
export const appendRow = async (database: Database, row: EntryRow): Promise<EntryRow | undefined> => {
  const { id, recordId, deviceId, n, hash } = row;
  let attempts = 0;
  const atPlace = await database
    .commit<EntryRow[]>(
      ["entries", "touched"],
      (write) => {
        attempts++;
        write.objectStore("entries").add(row);
        write.objectStore("touched").put({ recordId, lastEntryAtMs: mintedAtMs(id) });
      },
      (entries) => entries.index("[deviceId+recordId+n]").getAll([deviceId, recordId, n]),
    )
    .catch(async (failure) => {
      // The connection may have been lost after the first attempt had committed: the second then finds its own entry there.
      const there = attempts > 1 ? await database.run((rows) => rows.entries.get(id)) : undefined;
      if (there?.hash !== hash) throw failure;
      return [there];
    });
  if (atPlace.length > 1) {
    await database.write(["entries"], (rows) => rows.entries.delete(id));
    throw new StoreFailure("other-tab");
  }
  return atPlace.find((found) => found.id === id);
};

const countEntries = (database: Database): Promise<{ waiting: number; held: number; quarantined: number }> =>
  database.run(async (rows) => ({
    waiting: await inState(rows, "waiting").count(),
    held: await inState(rows, "held").count(),
    quarantined: await inState(rows, "quarantined").count(),
  }));

/** Entries that the base keeps until the desk releases them, as far as this device knows. */
export const keptForDesk = (rows: Rows) => inState(rows, "quarantined").filter(({ code }) => code === "revoked-device");
export const countAtDesk = (database: Database): Promise<number> => database.run((rows) => keptForDesk(rows).count());

/** What is only on this device, or waits at the base. Needs no key. */
export const countWaiting = async (
  database: Database,
): Promise<{ waiting: number; held: number; quarantined: number; atDesk: number; waitingBlobs: number }> => ({
  ...(await countEntries(database)),
  atDesk: await countAtDesk(database),
  waitingBlobs: await database.run((rows) => rows.blobs.where({ waiting: 1 }).count()),
});

/**
 * The replica's store on IndexedDB, with strict durability: a write resolves when its transaction is on the disk, and
 * rejects with a StoreFailure otherwise. Entry texts are sealed under the device's data key before a transaction begins,
 * because WebCrypto inside one would let it commit early.
 */
export const createReplicaStore = (database: Database, dataKey: CryptoKey, inbox?: InboxSealer): ReplicaStore => {
  const sealToSend = async (entry: HeldEntry): Promise<EntryRow> => {
    const about = inboxAbout(entry.deviceId, entry.recordId);
    const [row, forInbox] = await Promise.all([seal(dataKey, entry), inbox?.seal(about, entry.text)]);
    return forInbox === undefined ? row : { ...row, forInbox };
  };

  // Texts that were opened, by entry id: they never change, and a screen asks for all of a record's at every change.
  const opened = new Map<string, { hash: string; text: string }>();
  const openOnce = async (row: EntryRow): Promise<HeldEntry> => {
    const known = opened.get(row.id);
    if (known?.hash === row.hash) return heldOf(row, known.text);
    const entry = await unseal(dataKey, row);
    if (entry.text === "") return entry;
    if (opened.size >= openedMax) opened.delete(opened.keys().next().value!);
    opened.set(entry.id, { hash: entry.hash, text: entry.text });
    return entry;
  };

  return {
    async append(entry) {
      const back = await appendRow(database, await sealToSend(entry));
      return back === undefined ? undefined : unseal(dataKey, back);
    },

    async read(id) {
      const row = await database.run((rows) => rows.entries.get(id));
      return row === undefined ? undefined : unseal(dataKey, row);
    },

    async entriesOf(recordId) {
      const found = await database.run((rows) => rows.entries.where({ recordId }).toArray());
      found.sort((a, b) => (a.deviceId === b.deviceId ? a.n - b.n : a.deviceId < b.deviceId ? -1 : 1));
      return Promise.all(found.map(openOnce));
    },

    records: () => database.run(readRecords),

    async setOpen(recordId, open) {
      await database.write(["records"], async (rows) => {
        const record = (await rows.records.get(recordId)) ?? freshRecord(recordId);
        await rows.records.put({ ...record, open });
      });
    },

    async waiting({ entriesMax, bytesMax }) {
      const found = await database.run(async (rows) => {
        const closed = new Set(await rows.records.filter((record) => !record.open).primaryKeys());
        // Places and ids come from the index alone: a long queue is put in order without reading it.
        const places = (await inState(rows, "waiting").keys()) as unknown as [
          at: string,
          recordId: string,
          n: number,
        ][];
        const ids = await inState(rows, "waiting").primaryKeys();
        const isUrgent = (index: number) => !closed.has(places[index]![1]);
        const urgent = ids.filter((_, index) => isUrgent(index));
        const later = ids.filter((_, index) => !isUrgent(index));
        const taken = await rows.entries.bulkGet([...urgent, ...later].slice(0, Math.max(entriesMax, 1)));
        return taken
          .filter((row) => row !== undefined)
          .map((row) => ({ ...row, lane: closed.has(row.recordId) ? ("P1" as const) : ("P0" as const) }));
      });
      let bytes = 0;
      const end = found.findIndex(({ textBytes }, index) => {
        bytes += textBytes;
        return index > 0 && bytes > bytesMax;
      });
      const taken = end === -1 ? found : found.slice(0, end);
      return Promise.all(taken.map(openOnce));
    },

    async offerHeldAgain() {
      await database.write(["entries"], async (rows) => {
        const held = await inState(rows, "held").toArray();
        await rows.entries.bulkPut(held.map((row) => withState(row, { at: "waiting" })));
      });
    },

    async mark(states) {
      await database.write(["entries"], async (rows) => {
        const found = await rows.entries.bulkGet([...states.keys()]);
        const marked = found.filter((row) => row !== undefined).map((row) => withState(row, states.get(row.id)!));
        await rows.entries.bulkPut(marked);
      });
    },

    async file(recordId, entries, cursor) {
      const sealed = await Promise.all(entries.map((entry) => seal(dataKey, entry)));
      await database.write(["entries", "records", "touched"], async (rows) => {
        const held = await rows.entries.bulkGet(entries.map(({ id }) => id));
        const filed = entries.map((entry, index) => {
          const row = held[index];
          if (row === undefined) return sealed[index]!;
          const signature = row.signature ?? entry.signature;
          return { ...withState(row, entry.state), ...(signature === undefined ? {} : { signature }) };
        });
        await rows.entries.bulkPut(filed);
        await rows.records.put({ ...((await rows.records.get(recordId)) ?? freshRecord(recordId)), cursor });
        await touch(rows, recordId, entries);
      });
    },

    evict: (recordId, keepIds) =>
      database.write(["entries", "records", "touched", "blobs"], async (rows) => {
        const entries = await rows.entries.where({ recordId }).toArray();
        const record = await rows.records.get(recordId);
        const isOpen = record?.open ?? entries.length > 0;
        const waitingBlobs = await rows.blobs.where({ waiting: 1 }).primaryKeys();
        if (
          isOpen ||
          entries.some(({ at }) => at === "waiting" || at === "held" || at === "quarantined") ||
          waitingBlobs.some(([of]) => of === recordId)
        ) {
          throw new StoreFailure("needed");
        }
        await rows.blobs.where(":id").between([recordId, Dexie.minKey], [recordId, Dexie.maxKey]).delete();
        const going = entries.map(({ id }) => id).filter((id) => !keepIds.includes(id));
        await rows.entries.bulkDelete(going);
        if (going.length === entries.length)
          await Promise.all([rows.records.delete(recordId), rows.touched.delete(recordId)]);
        else if (record) await rows.records.put({ ...record, cursor: { ...record.cursor, position: 0 } });
      }),

    counts: () => countEntries(database),

    server: () => database.get<ServerState>(serverThing),
    setServer: (state) => database.set(serverThing, state),
  };
};
