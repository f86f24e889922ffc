import type { PulledLine } from "#protocol/pull.ts";
import type { AppendOutcome, LogStore, NewLine, RecordHeads } from "./store.ts";

export interface StoredLine extends NewLine {
  position: number;
  /** ISO instant. */
  received: string;
}

export interface LogHooks {
  /** Before the commit; rejecting means that nothing was stored. */
  before?: (operation: string) => Promise<void>;
  /** After the commit, before the caller hears of it. */
  after?: (operation: string) => Promise<void>;
}

/** The committed lines of one log and what can be known from them. It outlives the process that serves it. */
export class LogDisk {
  lines: StoredLine[] = [];
  epoch: number;
  private records = new Map<string, RecordHeads>();
  private ids = new Map<string, string>();

  constructor(epoch = 1) {
    this.epoch = epoch;
  }

  headsOf(recordId: string): RecordHeads {
    return this.records.get(recordId) ?? { lastPosition: 0, chains: new Map(), quarantined: new Set() };
  }

  hashOfId(id: string): string | undefined {
    return this.ids.get(id);
  }

  commit(lines: readonly NewLine[], received: string): number {
    const firstPosition = this.lines.length + 1;
    for (const line of lines) this.add({ ...line, position: this.lines.length + 1, received });
    return firstPosition;
  }

  /** Goes back to an older state: lines after `length` are gone, as after a restore from a backup. */
  rollBack(length: number): void {
    const kept = this.lines.slice(0, length);
    this.lines = [];
    this.records = new Map();
    this.ids = new Map();
    for (const line of kept) this.add(line);
  }

  /** Accepted lines of a record after a position, as pull gives them. Quarantined ones are never given to readers. */
  readAfter(recordId: string, position: number, linesMax: number): { lines: PulledLine[]; more: boolean } {
    const found: PulledLine[] = [];
    for (let i = position; i < this.lines.length; i++) {
      const line = this.lines[i]!;
      if (line.recordId !== recordId || line.quarantine !== undefined) continue;
      if (found.length === linesMax) return { lines: found, more: true };
      const { received, deviceId, hash, text, signature } = line;
      found.push({
        position: line.position,
        received,
        deviceId,
        hash,
        entry: text,
        ...(signature !== undefined && { signature }),
      });
    }
    return { lines: found, more: false };
  }

  private add(line: StoredLine): void {
    this.lines.push(line);
    let heads = this.records.get(line.recordId);
    if (!heads) {
      heads = { lastPosition: 0, chains: new Map(), quarantined: new Set(), holes: new Map() };
      this.records.set(line.recordId, heads);
    }
    heads.lastPosition = line.position;
    if (!line.entry) {
      heads.quarantined.add(line.hash);
      return;
    }
    const { id, deviceId, n, prev } = line.entry;
    this.ids.set(id, line.hash);
    const chain = heads.chains.get(deviceId) ?? [];
    chain[n] = line.hash;
    heads.chains.set(deviceId, chain);
    const holes = heads.holes!.get(deviceId) ?? new Map<number, string>();
    holes.delete(n);
    if (prev !== null && chain[n - 1] === undefined) holes.set(n - 1, prev);
    heads.holes!.set(deviceId, holes);
  }
}

/** The server's log in memory: for the simulation, tests, and the base of a tablet's practice. */
export const createMemoryLogStore = (
  disk: LogDisk,
  nowMs: () => number = () => 0,
  hooks: LogHooks = {},
): LogStore & { readonly disk: LogDisk } => ({
  disk,
  heads: async (recordIds) => {
    await hooks.before?.("heads");
    return new Map(recordIds.map((id) => [id, snapshot(disk.headsOf(id))]));
  },
  append: async (lines, expectedLastPosition): Promise<AppendOutcome> => {
    await hooks.before?.("append");
    const stale = [...expectedLastPosition].filter(([id, position]) => disk.headsOf(id).lastPosition !== position);
    if (stale.length > 0) return { outcome: "stale", recordIds: stale.map(([id]) => id) };
    const stored = new Map<string, string>();
    for (const { entry } of lines) {
      const hash = entry ? disk.hashOfId(entry.id) : undefined;
      if (entry && hash !== undefined) stored.set(entry.id, hash);
    }
    if (stored.size > 0) return { outcome: "id-taken", stored };
    const firstPosition = disk.commit(lines, new Date(nowMs()).toISOString());
    const outcome: AppendOutcome = { outcome: "committed", epoch: disk.epoch, firstPosition };
    await hooks.after?.("append");
    return outcome;
  },
});

const snapshot = (heads: RecordHeads): RecordHeads => ({
  lastPosition: heads.lastPosition,
  chains: new Map([...heads.chains].map(([device, chain]) => [device, [...chain]])),
  quarantined: new Set(heads.quarantined),
  holes: new Map([...(heads.holes ?? [])].map(([device, holes]) => [device, new Map(holes)])),
});
