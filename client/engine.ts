import type { Author } from "#domain/entry/entry.ts";
import type { Poke } from "#protocol/poke.ts";
import { createReplica, NotSaved, type Replica, type SyncOutcome } from "#sync/replica.ts";
import type { ReplicaStore } from "#sync/store.ts";
import { createAccesses } from "./accesses.ts";
import { type BlobLane, createBlobs } from "./blobs.ts";
import type { Database } from "./database.ts";
import { createEarlier, type EarlierRecords } from "./earlier.ts";
import type { InboxSealer } from "./inbox.ts";
import { type DeviceIdentity, signerOf } from "./keys.ts";
import { openPokes } from "./poke.ts";
import { browserClock, browserRandom, hashText } from "./ports.ts";
import { countAtDesk, createReplicaStore } from "./store.ts";
import { type StoreFailure, toStoreFailure } from "./store-failure.ts";
import { startSyncLoop } from "./sync-loop.ts";
import { createTransport, type Endpoint } from "./transport.ts";

export interface EngineStatus {
  standby: { asOf: string | null } | null;
  waiting: number;
  held: number;
  quarantined: number;
  atDesk: number;
  waitingBlobs: number;
  lastContactMs: number | null;
}

interface EngineListeners {
  onStatus(status: EngineStatus): void;
  onOutcome(outcome: SyncOutcome): void;
  onPoke(poke: Poke): void;
  /** The base can be reached, at the start or again. */
  onReached(): void;
  /** A write failed, or (null) one went through again. */
  onFailure(failure: StoreFailure | null): void;
}

/** What runs while the data key is in memory: replica, blobs, the loop that sends and fetches, the socket that wakes it. */
export interface Engine {
  replica: Replica;
  blobs: BlobLane;
  store: ReplicaStore;
  endpoint: Endpoint;
  /** Somebody opened this record here; a store that fails shows as for a write. */
  opened(recordId: string, by: Author | null, reason?: string): void;
  earlier: EarlierRecords;
  follow(recordIds: readonly string[]): void;
  /** The base says that these records have ended: the next round asks for them, and lets their copies go. */
  ended(recordIds: readonly string[]): void;
  syncNow(): Promise<void>;
  stop(): void;
}

export const startEngine = (
  database: Database,
  identity: DeviceIdentity,
  dataKey: CryptoKey,
  endpoint: Endpoint,
  inbox: InboxSealer | undefined,
  listeners: EngineListeners,
): Engine => {
  const store = createReplicaStore(database, dataKey, inbox);
  const inner = createReplica({
    store,
    transport: createTransport(endpoint),
    signer: signerOf(identity),
    hash: hashText,
    clock: browserClock,
    random: browserRandom,
  });
  const blobs = createBlobs(database, dataKey, endpoint);
  const accesses = createAccesses(database, dataKey, endpoint);

  const tellStatus = async () => {
    try {
      const { waiting, held, quarantined, lastContactMs, standby } = await inner.status();
      const atDesk = quarantined === 0 ? 0 : await countAtDesk(database);
      const waitingBlobs = await blobs.waiting();
      listeners.onStatus({ waiting, held, quarantined, atDesk, lastContactMs, standby, waitingBlobs });
    } catch (error) {
      listeners.onFailure(toStoreFailure(error));
    }
  };

  /** A failed write becomes the red banner; the next one that is saved takes it away. */
  const guarded = async <T>(write: Promise<T>): Promise<T> => {
    try {
      const saved = await write;
      entriesFirst = true;
      listeners.onFailure(null);
      loop.wake();
      void tellStatus();
      return saved;
    } catch (error) {
      if (error instanceof NotSaved) listeners.onFailure(toStoreFailure(error.cause));
      throw error;
    }
  };

  const replica: Replica = {
    ...inner,
    write: (draft) => guarded(inner.write(draft)),
    writeAgain: (draft, text) => guarded(inner.writeAgain(draft, text)),
    carry: (recordId, entries) => guarded(inner.carry(recordId, entries)),
  };

  /** A standby keeps what it is told, and may never be the base. */
  const tellBase = async () => {
    if ((await inner.status()).standby === null) await accesses.tell();
  };

  let uploading = false;
  // Set by a write, unset by a round after which no entry waits: meanwhile no chunk of a blob is begun.
  let entriesFirst = false;
  const upload = async () => {
    if (uploading) return;
    uploading = true;
    await blobs.upload(() => entriesFirst);
    uploading = false;
    await tellStatus();
  };

  let called = "";
  const round = () => {
    called = endpoint.servers.url();
    return inner.syncOnce();
  };
  const loop = startSyncLoop(round, browserRandom, (outcome) => {
    if (outcome.result === "store-failed") listeners.onFailure(toStoreFailure(new Error("sync")));
    listeners.onOutcome(outcome);
    if (endpoint.servers.heard(outcome.result, called)) loop.wake(true);
    // Blobs go only when no entry waits: they never delay one. A device whose term to read is over still brings its own home.
    if ((outcome.result === "done" || outcome.result === "refused") && !outcome.more) {
      entriesFirst = false;
      void upload();
    }
    // What was opened here is told when nothing of a patient's waits; the next round tries again.
    if (outcome.result === "done" && !outcome.more) void tellBase().catch(() => {});
    void tellStatus();
  });

  const pokes = openPokes(endpoint, browserRandom, {
    onOpen: () => {
      loop.wake(true);
      listeners.onReached();
    },
    // A tunnel, or a server that is gone: the rounds find out which, at once.
    onLost: () => loop.wake(true),
    onPoke(poke) {
      if (poke.poke === "record") {
        inner.poked(poke.recordId);
        loop.wake();
      }
      listeners.onPoke(poke);
    },
  });

  const stopMoving = endpoint.servers.onMove(() => {
    pokes.move();
    loop.wake(true);
  });

  let followed = new Map<string, () => void>();
  const watch = async () => {
    const held = await store.records().catch(() => []);
    const newestFirst = held.toSorted((a, b) => b.lastEntryAtMs - a.lastEntryAtMs).map(({ recordId }) => recordId);
    pokes.watch([...new Set([...followed.keys(), ...newestFirst])]);
  };

  const known = new Set<string>();
  const stopListening = inner.onChange((event) => {
    if (event.type !== "entries" || known.has(event.recordId)) return;
    known.add(event.recordId);
    void watch();
  });
  void watch();
  void tellStatus();
  const { deviceId } = identity;
  const earlier = createEarlier({ database, dataKey, endpoint, store, deviceId, onUnanswered: accesses.unanswered });
  const stopSweeping = earlier.sweeping();

  return {
    replica,
    blobs,
    store,
    endpoint,
    earlier,
    opened(recordId, by, reason) {
      accesses.opened(recordId, by, reason).then(
        () => loop.wake(),
        (error) => listeners.onFailure(toStoreFailure(error)),
      );
    },
    follow(recordIds) {
      const wanted = new Set(recordIds);
      const added = [...wanted].filter((id) => !followed.has(id));
      const next = new Map<string, () => void>();
      for (const id of wanted) next.set(id, followed.get(id) ?? replica.follow(id));
      for (const [id, stop] of followed) if (!wanted.has(id)) stop();
      followed = next;
      void watch();
      if (added.length > 0) loop.wake();
    },
    ended(recordIds) {
      for (const recordId of recordIds) inner.poked(recordId);
      if (recordIds.length > 0) loop.wake();
    },
    syncNow: () => loop.now(),
    stop() {
      loop.stop();
      stopMoving();
      pokes.close();
      stopListening();
      stopSweeping();
    },
  };
};
