import { Dexie, type Table } from "dexie";
import type { HeldRecord, Lane } from "#sync/store.ts";
import { StoreFailure, toStoreFailure } from "./store-failure.ts";

export type Sealed = Uint8Array<ArrayBuffer>;

/** In clear only what a query needs: ids, place in the chain, lane, state. `hash` is over a salted text. */
export interface EntryRow {
  id: string;
  recordId: string;
  deviceId: string;
  n: number;
  hash: string;
  lane: Lane;
  at: "waiting" | "held" | "acknowledged" | "quarantined" | "foreign";
  epoch?: number;
  position?: number;
  life?: string;
  since?: string;
  code?: string;
  lacked?: true;
  held?: true;
  signature?: string;
  textBytes: number;
  text: Sealed;
  /** `text` is sealed to this tablet's own box, because it was written while the tablet was locked. */
  boxed?: 1;
  /** While it waits: the text sealed to the trust's inbox, which a locked tablet can send. */
  forInbox?: Sealed;
}

export interface BlobRow {
  recordId: string;
  sha256: string;
  mime: string;
  bytes: number;
  /** 1 while the base may lack it, 0 once it has it whole (IndexedDB cannot index a boolean). */
  waiting: 0 | 1;
  /** 1 if this device made it, and so has to bring it to the base whatever life the base is in. */
  own: 0 | 1;
  content: Sealed;
}

export type RecordRow = Omit<HeldRecord, "lastEntryAtMs">;
export type TouchedRow = Pick<HeldRecord, "recordId" | "lastEntryAtMs">;

export interface Rows {
  entries: Table<EntryRow, string>;
  records: Table<RecordRow, string>;
  /** When something was last written into each record. Apart from `records`, so that an entry is saved with nothing read before. */
  touched: Table<TouchedRow, string>;
  blobs: Table<BlobRow, [string, string]>;
  /** Small things with one row each: keys, enrolment, server state. Each value is typed where it is used. */
  things: Table<{ name: string; value: unknown }, string>;
}

/** `relaxed` is only for the power-cut test, as the control that must lose data. */
export type Durability = "strict" | "relaxed";

const openDexie = (name: string, durability: Durability): Dexie & Rows => {
  const dexie = new Dexie(name, { chromeTransactionDurability: durability, autoOpen: false });
  dexie.version(1).stores({
    entries: "id, recordId, [deviceId+recordId+n], [at+recordId+n]",
    records: "recordId",
    blobs: "[recordId+sha256], waiting",
    things: "name",
  });
  dexie
    .version(2)
    .stores({ touched: "recordId" })
    .upgrade(async (rows) => {
      const before: HeldRecord[] = await rows.table("records").toArray();
      await rows.table("touched").bulkPut(before.map(({ recordId, lastEntryAtMs }) => ({ recordId, lastEntryAtMs })));
    });
  return dexie as Dexie & Rows;
};

/**
 * One device's IndexedDB. A lost connection is never retried on the dead handle, where it nearly always fails again:
 * the handle is dropped, the database opened anew and the work, which must be repeatable, run once more.
 */
export class Database {
  readonly name: string;
  readonly #durability: Durability;
  #open: Promise<Dexie & Rows> | undefined;
  #closed = false;

  constructor(name: string, durability: Durability = "strict") {
    this.name = name;
    this.#durability = durability;
  }

  /** Rejects with a StoreFailure. `work` may run twice, so it must be repeatable and keep what it writes in memory. */
  async run<T>(work: (rows: Dexie & Rows) => PromiseLike<T>): Promise<T> {
    try {
      return await work(await this.#connection());
    } catch (error) {
      if (toStoreFailure(error).code !== "lost" || this.#closed) throw toStoreFailure(error);
    }
    await this.#drop();
    try {
      return await work(await this.#connection());
    } catch (error) {
      throw toStoreFailure(error);
    }
  }

  /** Resolves once the transaction would survive a power cut. Nothing but table calls may be awaited inside `work`. */
  write<T>(tables: (keyof Rows)[], work: (rows: Dexie & Rows) => PromiseLike<T>): Promise<T> {
    return this.run((rows) => rows.transaction("rw", tables, () => work(rows)));
  }

  /**
   * Commits what `ask` asks of one transaction, and resolves to what `readBack` found in `tables[0]` after it was on the disk. For the
   * one write that somebody waits for: IndexedDB begins no read of a table before the write that came first is durable, so that both are
   * asked for at once and the answers come together, and not each after a turn of a page that is drawing.
   */
  commit<T>(
    tables: [keyof Rows, ...(keyof Rows)[]],
    ask: (write: IDBTransaction) => void,
    readBack: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    return this.run((rows) => {
      const database = rows.backendDB() as IDBDatabase | null;
      if (database === null) throw new StoreFailure("lost");
      const write = database.transaction(tables, "readwrite", { durability: this.#durability });
      try {
        ask(write);
      } catch (failure) {
        // What was asked for before it would be committed by itself.
        write.abort();
        throw failure;
      }
      const durable = new Promise<void>((resolve, reject) => {
        write.oncomplete = () => resolve();
        // A commit that fails says so here, often with no error on any request.
        write.onabort = () => reject(write.error ?? new DOMException("The commit failed.", "AbortError"));
      });
      write.commit();
      const read = readBack(database.transaction(tables[0]).objectStore(tables[0]));
      const found = new Promise<T>((resolve, reject) => {
        read.onsuccess = () => resolve(read.result);
        read.onerror = () => reject(read.error);
      });
      return Promise.all([found, durable]).then(([rowsFound]) => rowsFound);
    });
  }

  async get<T>(name: string): Promise<T | undefined> {
    return (await this.run((rows) => rows.things.get(name)))?.value as T | undefined;
  }

  /** Several things by one request: a start waits for each answer. */
  async getAll(names: string[]): Promise<unknown[]> {
    return (await this.run((rows) => rows.things.bulkGet(names))).map((row) => row?.value);
  }

  async set(name: string, value: unknown): Promise<void> {
    await this.write(["things"], (rows) => rows.things.put({ name, value }));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop();
  }

  #connection(): Promise<Dexie & Rows> {
    if (this.#closed) throw new StoreFailure("lost");
    this.#open ??= (async () => {
      const dexie = openDexie(this.name, this.#durability);
      await dexie.open();
      return dexie;
    })();
    return this.#open;
  }

  async #drop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    try {
      (await open)?.close();
    } catch {
      // It never opened: there is nothing to close.
    }
  }
}
