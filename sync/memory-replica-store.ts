import type { ServerState } from "#protocol/server-state.ts";
import { utf8Length } from "./chain.ts";
import type { HeldEntry, HeldRecord, ReplicaStore } from "./store.ts";

/** What a simulated disk does around each change. May reject before it, and nothing is stored. */
export interface DiskHooks {
  /** Before a change reaches the disk; resolving to "lost" makes the disk lie: it says done and stores nothing. */
  before?: (operation: string) => Promise<"lost" | undefined>;
  /** After it has, before the caller hears of it. */
  after?: (operation: string) => Promise<void>;
}

export interface MemoryReplicaStore extends ReplicaStore {
  /** The disk itself, for checks and for damage done on purpose. It outlives the process that uses the store. */
  readonly disk: ReplicaDisk;
}

export class ReplicaDisk {
  readonly entries = new Map<string, HeldEntry>();
  readonly records = new Map<string, HeldRecord & { ids: string[] }>();
  server: ServerState | undefined;

  recordOf(recordId: string): HeldRecord & { ids: string[] } {
    let record = this.records.get(recordId);
    if (!record) {
      record = { recordId, cursor: { epoch: 0, position: 0 }, open: true, lastEntryAtMs: 0, ids: [] };
      this.records.set(recordId, record);
    }
    return record;
  }

  put(entry: HeldEntry): void {
    if (!this.entries.has(entry.id)) this.recordOf(entry.recordId).ids.push(entry.id);
    this.entries.set(entry.id, { ...entry });
  }
}

/** A replica store in memory: for tests and a tablet's practice, and the reference that the contract is written against. */
export const createMemoryReplicaStore = (disk = new ReplicaDisk(), hooks: DiskHooks = {}): MemoryReplicaStore => {
  const change = async (operation: string, apply: () => void): Promise<void> => {
    const lost = hooks.before && (await hooks.before(operation)) === "lost";
    if (!lost) apply();
    if (hooks.after) await hooks.after(operation);
  };
  const laneOf = (entry: HeldEntry): HeldEntry["lane"] => (disk.records.get(entry.recordId)?.open ? "P0" : "P1");

  return {
    disk,
    append: async (entry) => {
      await change("append", () => {
        if (disk.entries.has(entry.id)) throw new Error("An entry of this id is held already.");
        disk.put(entry);
      });
      return copy(disk.entries.get(entry.id));
    },
    read: async (id) => copy(disk.entries.get(id)),
    entriesOf: async (recordId) => (disk.records.get(recordId)?.ids ?? []).map((id) => copy(disk.entries.get(id))!),
    records: async () => [...disk.records.values()].map(({ ids: _, ...record }) => ({ ...record })),
    setOpen: (recordId, open) =>
      change("setOpen", () => {
        disk.recordOf(recordId).open = open;
      }),
    waiting: async ({ entriesMax, bytesMax }) => {
      const waiting = [...disk.entries.values()].filter((e) => e.state.at === "waiting");
      const chains = new Map<string, number>();
      for (const entry of waiting) if (!chains.has(chainOf(entry))) chains.set(chainOf(entry), chains.size);
      const turn = (e: HeldEntry): number => (laneOf(e) === "P0" ? 0 : chains.size) + chains.get(chainOf(e))!;
      waiting.sort((a, b) => turn(a) - turn(b) || a.n - b.n);
      const given: HeldEntry[] = [];
      let bytes = 0;
      for (const entry of waiting) {
        bytes += utf8Length(entry.text);
        if (given.length > 0 && (given.length >= entriesMax || bytes > bytesMax)) break;
        given.push({ ...entry, lane: laneOf(entry) });
      }
      return given;
    },
    offerHeldAgain: () =>
      change("offerHeldAgain", () => {
        for (const entry of disk.entries.values()) if (entry.state.at === "held") entry.state = { at: "waiting" };
      }),
    mark: (states) =>
      change("mark", () => {
        for (const [id, state] of states) {
          const entry = disk.entries.get(id);
          if (entry) entry.state = state;
        }
      }),
    file: (recordId, entries, cursor) =>
      change("file", () => {
        for (const entry of entries) {
          const held = disk.entries.get(entry.id);
          const signature = held?.signature ?? entry.signature;
          disk.put({ ...(held ?? entry), state: entry.state, ...(signature !== undefined && { signature }) });
        }
        disk.recordOf(recordId).cursor = cursor;
      }),
    evict: (recordId, keepIds) =>
      change("evict", () => {
        const record = disk.records.get(recordId);
        if (!record) return;
        const unsafe = record.ids.some((id) =>
          ["waiting", "held", "quarantined"].includes(disk.entries.get(id)!.state.at),
        );
        if (record.open || unsafe) throw new Error("The base has not confirmed all of this record.");
        for (const id of record.ids) if (!keepIds.includes(id)) disk.entries.delete(id);
        record.ids = record.ids.filter((id) => keepIds.includes(id));
        record.cursor = { epoch: record.cursor.epoch, position: 0 };
        if (record.ids.length === 0) disk.records.delete(recordId);
      }),
    counts: async () => {
      const counts = { waiting: 0, held: 0, quarantined: 0 };
      for (const { state } of disk.entries.values()) {
        if (state.at === "waiting" || state.at === "held" || state.at === "quarantined") counts[state.at]++;
      }
      return counts;
    },
    server: async () => disk.server,
    setServer: (state) =>
      change("setServer", () => {
        disk.server = state;
      }),
  };
};

const copy = (entry: HeldEntry | undefined): HeldEntry | undefined => entry && { ...entry };
const chainOf = (entry: HeldEntry): string => `${entry.recordId}/${entry.deviceId}`;
