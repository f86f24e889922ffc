import type { Entry } from "#domain/entry/entry.ts";
import type { NewLine, RecordHeads } from "#sync/store.ts";
import type { RecordKey } from "../sealing/key-ring.ts";
import type { EndedLine } from "./care-lines.ts";

/** What one process remembers of a record between two appends, so that ingest does not read it again. */
export interface CachedRecord extends RecordHeads {
  /** Undefined for a record without lines, and for one that was disposed of until something comes for it. */
  key: RecordKey | undefined;
  /** What comes for it is kept, and shown on no board and found by no search. */
  disposed: boolean;
  /**
   * Every accepted entry, or null when they are not held. A record is folded only once it names a site, so until then
   * only the hashes are kept.
   */
  entries: Entry[] | null;
  /** The entries that search reads; few, so always held. */
  searchable: Entry[];
  /** Some entry names a site: a row of a board depends on this record. */
  namesSite: boolean;
  hasHoles: boolean;
  holes: Map<string, Map<number, string>>;
}

export const namesSite = (entry: Entry): boolean => entry.body.site !== undefined;

/** The record before its first line. */
export const blankRecord = (): CachedRecord => ({
  lastPosition: 0,
  chains: new Map(),
  quarantined: new Set(),
  key: undefined,
  disposed: false,
  entries: [],
  searchable: [],
  namesSite: false,
  hasHoles: false,
  holes: new Map(),
});

/** A disposed record before anything came for it since: which entries it had, so that one of them sent again is a duplicate. */
export const endedRecord = (lines: readonly EndedLine[]): CachedRecord => {
  const record = { ...blankRecord(), disposed: true, entries: null };
  for (const { deviceId, hash, n } of lines) {
    if (n === null) record.quarantined.add(hash);
    else record.chains.set(deviceId, placed(record.chains.get(deviceId), n, hash));
  }
  return record;
};

/** Filled, not sparse: a sparse array is slower, and `length` stays the highest n plus one. */
const placed = (chain: (string | undefined)[] = [undefined], n: number, hash: string): (string | undefined)[] => {
  while (chain.length <= n) chain.push(undefined);
  chain[n] = hash;
  return chain;
};

/** Kinds that change what a record is found by. */
export const changesSearch = (entry: Entry): boolean => entry.kind === "patient" || entry.kind === "strike";

/**
 * Records in use, least recently used out first. It is never trusted: append compares `lastPosition` in the transaction,
 * and a difference drops what is remembered.
 */
export class RecordCache {
  readonly #records = new Map<string, CachedRecord>();
  readonly #weightMax: number;
  #weight = 0;

  /** `weightMax`: hashes held, where an entry counts as twenty of them. */
  constructor(weightMax: number) {
    this.#weightMax = weightMax;
  }

  get(recordId: string): CachedRecord | undefined {
    const record = this.#records.get(recordId);
    if (record === undefined) return undefined;
    this.#records.delete(recordId);
    this.#records.set(recordId, record);
    return record;
  }

  put(recordId: string, given: CachedRecord): void {
    const record = given.namesSite ? given : { ...given, entries: null };
    this.drop(recordId);
    this.#records.set(recordId, record);
    this.#weight += weightOf(record);
    for (const [oldest] of this.#records) {
      if (this.#weight <= this.#weightMax || oldest === recordId) break;
      this.drop(oldest);
    }
  }

  drop(recordId: string): void {
    const record = this.#records.get(recordId);
    if (record === undefined) return;
    this.#weight -= weightOf(record);
    this.#records.delete(recordId);
  }

  clear(): void {
    this.#records.clear();
    this.#weight = 0;
  }
}

const weightOf = (record: CachedRecord): number => {
  let hashes = 1;
  for (const chain of record.chains.values()) hashes += chain.length;
  return hashes + record.quarantined.size + 20 * (record.entries?.length ?? 0);
};

/** The record with these lines added; `lastPosition` is for the caller to set once they have positions. */
export const advanced = (record: CachedRecord, lines: readonly NewLine[]): CachedRecord => {
  const chains = new Map([...record.chains].map(([deviceId, hashes]) => [deviceId, [...hashes]]));
  const quarantined = new Set(record.quarantined);
  const entries = record.entries === null ? null : [...record.entries];
  const searchable = [...record.searchable];
  const holes = new Map([...record.holes].map(([deviceId, wanted]) => [deviceId, new Map(wanted)]));
  let names = record.namesSite;
  for (const line of lines) {
    if (line.quarantine !== undefined || line.entry === null) {
      quarantined.add(line.hash);
      continue;
    }
    const { n, prev } = line.entry;
    const chain = placed(chains.get(line.deviceId), n, line.hash);
    chains.set(line.deviceId, chain);
    holes.get(line.deviceId)?.delete(n);
    if (prev !== null && chain[n - 1] === undefined) {
      const wanted = holes.get(line.deviceId) ?? new Map<number, string>();
      holes.set(line.deviceId, wanted.set(n - 1, prev));
    }
    names ||= namesSite(line.entry);
    entries?.push(line.entry);
    if (changesSearch(line.entry)) searchable.push(line.entry);
  }
  return {
    ...record,
    chains,
    quarantined,
    searchable,
    entries,
    namesSite: names,
    holes,
    hasHoles: [...holes.values()].some((wanted) => wanted.size > 0),
  };
};
