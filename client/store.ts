import { Dexie } from "dexie";
import type { ServerState } from "#protocol/server-state.ts";
import type { HeldEntry, HeldRecord, HeldState, ReplicaStore } from "#sync/store.ts";
import { utf8 } from "./bytes.ts";
import type { Database, EntryRow } from "./database.ts";
import { sealText, unsealText } from "./sealing.ts";
import { StoreFailure } from "./store-failure.ts";

const serverThing = "server";

const label = (id: string): string => `entry ${id}`;

const stateColumns = (state: HeldState): Pick<EntryRow, "at" | "epoch" | "position" | "code"> => state;

const stateOf = ({ at, epoch = 0, position = 0, code = "" }: EntryRow): HeldState => {
  if (at === "waiting") return { at };
  return at === "quarantined" ? { at, code } : { at, epoch, position };
};

const seal = async (key: CryptoKey, { state, text, ...clear }: HeldEntry): Promise<EntryRow> => ({
  ...clear,
  ...stateColumns(state),
  textBytes: utf8(text).length,
  text: await sealText(key, label(clear.id), text),
});

const unseal = async (key: CryptoKey, row: EntryRow): Promise<HeldEntry> => {
  const { id, recordId, deviceId, n, hash, lane, signature } = row;
  const held = { id, recordId, deviceId, n, hash, lane, text: await unsealText(key, label(id), row.text) };
  return { ...held, state: stateOf(row), ...(signature === undefined ? {} : { signature }) };
};

/** The state changes, what was sealed stays: dropped columns must not survive from the earlier state. */
const withState = (row: EntryRow, state: HeldState): EntryRow => {
  const { epoch: _epoch, position: _position, code: _code, ...kept } = row;
  return { ...kept, ...stateColumns(state) };
};

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

const freshRecord = (recordId: string): HeldRecord => ({
  recordId,
  cursor: { epoch: 0, position: 0 },
  open: false,
  lastEntryAtMs: 0,
});

/** The clock inside a UUIDv7: when the device minted the entry, ms since 1970. */
const mintedAtMs = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/**
 * The replica's store on IndexedDB, with strict durability: a write resolves when its transaction is on the disk, and
 * rejects with a StoreFailure otherwise. Entry texts are sealed under the device's data key before a transaction begins,
 * because WebCrypto inside one would let it commit early.
 */
export const createReplicaStore = (database: Database, dataKey: CryptoKey): ReplicaStore => {
  const touch = async (rows: Parameters<Parameters<Database["run"]>[0]>[0], recordId: string, entries: HeldEntry[]) => {
    const record = (await rows.records.get(recordId)) ?? freshRecord(recordId);
    const lastEntryAtMs = Math.max(record.lastEntryAtMs, ...entries.map(({ id }) => mintedAtMs(id)));
    return { ...record, lastEntryAtMs };
  };

  return {
    async append(entry) {
      const row = await seal(dataKey, entry);
      await database.write(["entries", "records"], async (rows) => {
        const stored = await rows.entries.get(entry.id);
        // The first attempt had committed before the connection was lost.
        if (stored !== undefined && stored.hash === entry.hash) return;
        const place = await rows.entries.where({ deviceId: entry.deviceId, recordId: entry.recordId, n: entry.n }).first();
        if (stored !== undefined || place !== undefined) throw new StoreFailure("other-tab");
        await rows.entries.add(row);
        await rows.records.put(await touch(rows, entry.recordId, [entry]));
      });
      const readBack = await database.run((rows) => rows.entries.get(entry.id));
      if (readBack === undefined || !(readBack.hash === entry.hash)) throw new StoreFailure("aborted");
      if (!sameBytes(readBack.text, row.text)) await unseal(dataKey, readBack);
    },

    async read(id) {
      const row = await database.run((rows) => rows.entries.get(id));
      return row === undefined ? undefined : unseal(dataKey, row);
    },

    async entriesOf(recordId) {
      const found = await database.run((rows) => rows.entries.where({ recordId }).toArray());
      found.sort((a, b) => (a.deviceId === b.deviceId ? a.n - b.n : a.deviceId < b.deviceId ? -1 : 1));
      return Promise.all(found.map((row) => unseal(dataKey, row)));
    },

    records: () => database.run((rows) => rows.records.toArray()),

    async setOpen(recordId, open) {
      await database.write(["records"], async (rows) => {
        const record = (await rows.records.get(recordId)) ?? freshRecord(recordId);
        await rows.records.put({ ...record, open });
      });
    },

    async waiting({ entriesMax, bytesMax }) {
      const found = await database.run((rows) =>
        rows.entries
          .where("[at+lane+recordId+n]")
          .between(["waiting", Dexie.minKey], ["waiting", Dexie.maxKey])
          .limit(entriesMax)
          .toArray(),
      );
      let bytes = 0;
      const taken = found.filter(({ textBytes }, index) => {
        bytes += textBytes;
        return index === 0 || bytes <= bytesMax;
      });
      return Promise.all(taken.map((row) => unseal(dataKey, row)));
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
      await database.write(["entries", "records"], async (rows) => {
        const held = await rows.entries.bulkGet(entries.map(({ id }) => id));
        const filed = entries.map((entry, index) => {
          const row = held[index];
          if (row === undefined) return sealed[index]!;
          const marked = withState(row, entry.state);
          return entry.signature === undefined ? marked : { ...marked, signature: entry.signature };
        });
        await rows.entries.bulkPut(filed);
        await rows.records.put({ ...(await touch(rows, recordId, entries)), cursor });
      });
    },

    server: () => database.get<ServerState>(serverThing),
    setServer: (state) => database.set(serverThing, state),
  };
};
