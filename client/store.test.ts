import "fake-indexeddb/auto";
import { Dexie } from "dexie";
import { afterEach, describe, expect, it, vi } from "vitest";
import { replicaStoreContract } from "#sync/store.contract.ts";
import type { HeldEntry } from "#sync/store.ts";
import { Database } from "./database.ts";
import { createScreenKey } from "./keys.ts";
import { browserRandom, hashText } from "./ports.ts";
import { createReplicaStore } from "./store.ts";
import { toStoreFailure } from "./store-failure.ts";

const databases: Database[] = [];
const openDatabase = (name: string): Database => {
  const database = new Database(name);
  databases.push(database);
  return database;
};
afterEach(async () => {
  vi.restoreAllMocks();
  for (const database of databases.splice(0)) await database.close();
});

const held = async (text: string): Promise<HeldEntry> => ({
  id: browserRandom.uuid(),
  recordId: browserRandom.uuid(),
  deviceId: browserRandom.uuid(),
  n: 1,
  hash: await hashText(text),
  text,
  lane: "P0",
  state: { at: "waiting" },
});

replicaStoreContract("IndexedDB", async () => {
  const name = browserRandom.uuid();
  const dataKey = await createScreenKey();
  const database = openDatabase(name);
  const reopen = async () => {
    await database.close();
    return createReplicaStore(openDatabase(name), dataKey);
  };
  return { store: createReplicaStore(database, dataKey), reopen };
});

/** Aborts the next transaction that is committed, after its last request has succeeded: what a failed commit looks like. */
const abortNextCommit = () =>
  vi.spyOn(IDBTransaction.prototype, "commit").mockImplementationOnce(function (this: IDBTransaction) {
    this.objectStore("entries")
      .count()
      .addEventListener("success", () => this.abort());
  });

describe("the store in IndexedDB", () => {
  it("holds no text in clear", async () => {
    const database = openDatabase("sealed");
    const entry = await held('{"body":{"text":"DEMO-SECRET"}}');
    await createReplicaStore(database, await createScreenKey()).append(entry);
    const rows = await database.run((tables) => tables.entries.toArray());
    const bytes = rows.map(({ text, ...clear }) => JSON.stringify(clear) + new TextDecoder("latin1").decode(text));
    expect(bytes.join()).toContain(entry.id);
    expect(bytes.join()).not.toContain("DEMO-SECRET");
  });

  it("is empty of meaning under another key, and says so by an entry without text", async () => {
    const database = openDatabase("other-key");
    const entry = await held("text");
    await createReplicaStore(database, await createScreenKey()).append(entry);
    const other = createReplicaStore(database, await createScreenKey());
    expect((await other.entriesOf(entry.recordId)).map(({ text }) => text)).toEqual([""]);
  });

  it("reopens after a lost connection and replays from memory", async () => {
    const database = openDatabase("lost");
    const store = createReplicaStore(database, await createScreenKey());
    const first = await held("first");
    await store.append(first);
    await database.run(async (rows) => rows.close());
    const second = await held("second");
    await store.append(second);
    expect((await store.read(second.id))?.text).toBe("second");
    expect((await store.read(first.id))?.text).toBe("first");
  });

  it("finds its own entry where the connection was lost after the commit", async () => {
    const store = createReplicaStore(openDatabase("lost-after"), await createScreenKey());
    const entry = await held("text");
    const { commit } = IDBTransaction.prototype;
    vi.spyOn(IDBTransaction.prototype, "commit").mockImplementationOnce(function (this: IDBTransaction) {
      commit.call(this);
      throw new DOMException("The connection was lost.", "InvalidStateError");
    });
    expect(await store.append(entry)).toEqual(entry);
    expect(await store.entriesOf(entry.recordId)).toEqual([entry]);
  });

  it("rejects, and keeps nothing, when the transaction aborts without an error on any request", async () => {
    const database = openDatabase("aborts");
    const store = createReplicaStore(database, await createScreenKey());
    const entry = await held("text");
    abortNextCommit();
    await expect(store.append(entry)).rejects.toMatchObject({ name: "StoreFailure", code: "aborted" });
    expect(await store.read(entry.id)).toBeUndefined();
  });

  it("keeps nothing of an entry where one of the rows is refused at once", async () => {
    const store = createReplicaStore(openDatabase("refused"), await createScreenKey());
    const entry = await held("text");
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementationOnce(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await expect(store.append(entry)).rejects.toMatchObject({ code: "quota" });
    expect(await store.read(entry.id)).toBeUndefined();
  });

  it("gives one place in a chain to one entry", async () => {
    const store = createReplicaStore(openDatabase("place"), await createScreenKey());
    const entry = await held("text");
    await store.append(entry);
    await expect(store.append({ ...entry, id: browserRandom.uuid() })).rejects.toMatchObject({ code: "other-tab" });
    await expect(store.append({ ...entry, n: 2 })).rejects.toMatchObject({ code: "other-tab" });
    expect(await store.entriesOf(entry.recordId)).toEqual([entry]);
  });

  it("goes on with the records of the first version, as they stood", async () => {
    const record = {
      recordId: browserRandom.uuid(),
      cursor: { epoch: 1, position: 7 },
      open: false,
      lastEntryAtMs: 42,
    };
    const first = new Dexie("first-version");
    first.version(1).stores({
      entries: "id, recordId, [deviceId+recordId+n], [at+recordId+n]",
      records: "recordId",
      blobs: "[recordId+sha256], waiting",
      things: "name",
    });
    await first.table("records").put(record);
    first.close();
    const store = createReplicaStore(openDatabase("first-version"), await createScreenKey());
    expect(await store.records()).toEqual([record]);
    const entry = { ...(await held("text")), recordId: record.recordId };
    await store.append(entry);
    expect(await store.records()).toMatchObject([{ cursor: record.cursor, open: false }]);
    expect((await store.records())[0]!.lastEntryAtMs).toBeGreaterThan(42);
  });

  it("lets a record's blobs go with it, and nothing while the base lacks one of them", async () => {
    const database = openDatabase("blobs-go");
    const store = createReplicaStore(database, await createScreenKey());
    const entry = { ...(await held("text")), state: { at: "acknowledged", epoch: 1, position: 1 } as const };
    await store.append(entry);
    await store.setOpen(entry.recordId, false);
    const blob = { sha256: "0".repeat(64), mime: "text/plain", bytes: 1, own: 1, content: new Uint8Array(1) } as const;
    const [here, other] = [entry.recordId, browserRandom.uuid()];
    await database.write(["blobs"], (rows) =>
      rows.blobs.bulkPut([here, other].map((recordId) => ({ ...blob, recordId, waiting: 1 as const }))),
    );
    await expect(store.evict(here, [])).rejects.toMatchObject({ code: "needed" });
    await database.write(["blobs"], (rows) => rows.blobs.update([here, blob.sha256], { waiting: 0 }));
    await store.evict(here, []);
    expect(await database.run((rows) => rows.blobs.toCollection().primaryKeys())).toEqual([[other, blob.sha256]]);
  });

  it("tells a full disk from a lost connection, however deep the browser's error lies", () => {
    const full = { name: "AbortError", inner: new DOMException("full", "QuotaExceededError") };
    expect(toStoreFailure(full).code).toBe("quota");
    expect(toStoreFailure(new Error("Connection to Indexed Database server lost.")).code).toBe("lost");
    expect(toStoreFailure(new DOMException("no", "AbortError")).code).toBe("aborted");
  });
});
