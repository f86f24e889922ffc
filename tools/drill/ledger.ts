import type { HeldState } from "#sync/store.ts";

/** What one device wrote down of one of its entries: the drill is judged by this, and by nothing that a server says of itself. */
export interface LedgerEntry {
  id: string;
  hash: string;
  trust: string;
  /** The device that wrote it. */
  deviceId: string;
  recordId: string;
  /** `performance.now()` when it was durable on the device. */
  savedAt: number;
  /** When a standby said last that it holds it. */
  heldAt?: number;
  /** Each time a base acknowledged it. */
  acknowledged: { at: number; epoch: number }[];
  /** A base's word that it is not to be in the record. */
  quarantined?: string;
}

export interface Ledger {
  saved(entry: Omit<LedgerEntry, "acknowledged">): void;
  /** What an answer said of entries, by their ids. */
  heard(states: ReadonlyMap<string, HeldState>): void;
  entries(trust: string): LedgerEntry[];
}

export const createLedger = (): Ledger => {
  const held = new Map<string, LedgerEntry>();
  return {
    saved: (entry) => void held.set(entry.id, { ...entry, acknowledged: [] }),
    heard: (states) => {
      const at = performance.now();
      for (const [id, state] of states) {
        const entry = held.get(id);
        if (entry === undefined) continue;
        if (state.at === "held") entry.heldAt = at;
        if (state.at === "acknowledged") entry.acknowledged.push({ at, epoch: state.epoch });
        if (state.at === "quarantined") entry.quarantined = state.code;
      }
    },
    entries: (trust) => [...held.values()].filter((entry) => entry.trust === trust),
  };
};

/** A base has it, whatever a standby held before: also one that a slow base had stored while its device was with the standby. */
export const isSent = ({ heldAt, acknowledged }: LedgerEntry): boolean =>
  acknowledged.some(({ at }) => at >= (heldAt ?? Number.NEGATIVE_INFINITY));

/** One line of a database's care log. */
export interface StoredLine {
  entryId: string | null;
  recordId: string;
  hash: string;
  epoch: number;
  position: number;
}

/** Ids of entries by what became of them. */
export interface Judgement {
  /** Entries that had to be there. */
  expected: number;
  lost: string[];
  twice: string[];
  /** Under their id there are other bytes, or in another record. */
  altered: string[];
  quarantined: string[];
  /** Positions that are missing between the first line and the last. */
  holes: number;
}

/** Compares what devices wrote down with what is stored. `expected`: each is to be there, once, with its bytes. */
export const judge = (expected: readonly LedgerEntry[], lines: readonly StoredLine[]): Judgement => {
  const byId = Map.groupBy(
    lines.filter(({ entryId }) => entryId !== null),
    ({ entryId }) => entryId!,
  );
  const linesOf = (entry: LedgerEntry): StoredLine[] => byId.get(entry.id) ?? [];
  const idsOf = (entries: readonly LedgerEntry[]): string[] => entries.map(({ id }) => id);
  const isSame = (entry: LedgerEntry) => (line: StoredLine) =>
    line.hash === entry.hash && line.recordId === entry.recordId;
  const positions = new Set(lines.map(({ position }) => position));
  return {
    expected: expected.length,
    lost: idsOf(expected.filter((entry) => linesOf(entry).length === 0)),
    twice: idsOf(expected.filter((entry) => linesOf(entry).length > 1)),
    altered: idsOf(expected.filter((entry) => !linesOf(entry).every(isSame(entry)))),
    quarantined: idsOf(expected.filter(({ quarantined }) => quarantined !== undefined)),
    holes: lines.length === 0 ? 0 : Math.max(...positions) - positions.size,
  };
};

/** What a judgement finds wrong, in words; empty where nothing is. */
export const faultsOf = ({ lost, twice, altered, quarantined, holes }: Judgement): string[] =>
  (
    [
      [lost.length, "lost"],
      [twice.length, "there twice"],
      [altered.length, "altered"],
      [quarantined.length, "quarantined"],
      [holes, "places without a line"],
    ] as const
  ).flatMap(([count, words]) => (count === 0 ? [] : [`${count} ${words}`]));
