import type { RecordHeads } from "./store.ts";

interface ChainOverlay {
  hashes: Map<number, string>;
  /** n → what the entry at n + 1 names as its predecessor. */
  wanted: Map<number, string>;
}

/** What is committed, with what the group being decided adds to it. Committed heads are shared and never written to. */
export class GroupView {
  private readonly committed: ReadonlyMap<string, RecordHeads>;
  /** Entry id → hash, of ids that the store has reported taken, and of this group's. */
  private readonly ids: Map<string, string>;
  private readonly chains = new Map<string, ChainOverlay>();
  private readonly quarantined = new Set<string>();

  constructor(committed: ReadonlyMap<string, RecordHeads>, takenIds: ReadonlyMap<string, string>) {
    this.committed = committed;
    this.ids = new Map(takenIds);
  }

  chain(recordId: string, deviceId: string) {
    const record = this.committed.get(recordId);
    const base = record?.chains.get(deviceId);
    const holes = record?.holes?.get(deviceId);
    const key = `${recordId}/${deviceId}`;
    let overlay = this.chains.get(key);
    if (!overlay) {
      overlay = { hashes: new Map(), wanted: new Map() };
      this.chains.set(key, overlay);
    }
    const { hashes, wanted } = overlay;
    return {
      hashAt: (n: number): string | undefined => base?.[n] ?? hashes.get(n),
      wantedAt: (n: number): string | undefined => wanted.get(n) ?? holes?.get(n),
      add: (n: number, hash: string, prev: string | null): void => {
        hashes.set(n, hash);
        if (prev !== null) wanted.set(n - 1, prev);
      },
    };
  }

  hashOfId(id: string): string | undefined {
    return this.ids.get(id);
  }

  addId(id: string, hash: string): void {
    this.ids.set(id, hash);
  }

  isQuarantined(recordId: string, hash: string): boolean {
    return this.committed.get(recordId)?.quarantined.has(hash) === true || this.quarantined.has(`${recordId}/${hash}`);
  }

  addQuarantined(recordId: string, hash: string): void {
    this.quarantined.add(`${recordId}/${hash}`);
  }
}
