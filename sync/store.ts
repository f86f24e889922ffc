import type { Entry } from "#domain/entry/entry.ts";
import type { Cursor, ServerState } from "#protocol/server-state.ts";

/**
 * Where an entry that this device holds stands with the base. `foreign`: another device's, pulled. `position` is 0 while
 * it is not known; `since` is the server's time of the answer (never the device's), from which the 30 days of keeping count.
 * `life` is the incarnation that gave the position: in another it says nothing (`isArchived`).
 * `held`: durable at a standby in that life, and at no base: it waits for one, and is offered again to the next life that answers.
 * `lacked`: a base in a new life asked for it, and no signed head that would carry it is held yet. `held`: it came from a standby, which
 * has it in no log.
 */
export type HeldState =
  | { at: "waiting" }
  | { at: "held"; life: string }
  | { at: "acknowledged"; epoch: number; position: number; life?: string; since?: string }
  | { at: "quarantined"; code: string }
  | { at: "foreign"; epoch: number; position: number; life?: string; since?: string; lacked?: true; held?: true };

/** An entry as a device keeps it: the exact text that was hashed, and where it stands. */
export interface HeldEntry {
  id: string;
  recordId: string;
  deviceId: string;
  n: number;
  hash: string;
  /** Canonical JSON (RFC 8785), the bytes that are hashed, signed and sent. */
  text: string;
  lane: Lane;
  state: HeldState;
  /** Signature of the chain head if this entry was one when it came or went; lets any holder carry the chain (refill). */
  signature?: string;
}
export type Lane = "P0" | "P1";

/** What a device remembers about one record besides its entries. */
export interface HeldRecord {
  recordId: string;
  /** Everything up to here is stored on this device. */
  cursor: Cursor;
  open: boolean;
  lastEntryAtMs: number;
}

/**
 * A device's durable store. Every promise resolves only once the change would survive a power cut; a rejected promise
 * means that nothing of it was stored. Contract: store.contract.ts.
 */
export interface ReplicaStore {
  /** Resolves to what a read that began after the commit found under the entry's id. */
  append(entry: HeldEntry): Promise<HeldEntry | undefined>;
  read(id: string): Promise<HeldEntry | undefined>;
  entriesOf(recordId: string): Promise<HeldEntry[]>;
  records(): Promise<HeldRecord[]>;
  setOpen(recordId: string, open: boolean): Promise<void>;
  /**
   * Waiting entries, those of open records (P0) before those of closed ones (P1), within a chain in order of n. Stops
   * before the entry that would pass a limit, but always gives one if any waits.
   */
  waiting(limits: { entriesMax: number; bytesMax: number }): Promise<HeldEntry[]>;
  /** Every held entry waits again: another life of a server answers. */
  offerHeldAgain(): Promise<void>;
  /** States by entry id; ids not named are untouched. */
  mark(states: ReadonlyMap<string, HeldState>): Promise<void>;
  /**
   * Stores pulled entries and the cursor in one transaction; entries already held keep their text, and take the new state
   * (and the signature, if they had none). The cursor is stored as given, even if lower: a rewind.
   */
  file(recordId: string, entries: HeldEntry[], cursor: Cursor): Promise<void>;
  /**
   * Removes a record's entries except those named, and sets its cursor back to position 0 in the same transaction; without
   * `keepIds` the record goes too. Rejects, removing nothing, while any entry of it is waiting, held or quarantined, or the
   * record is open: what the base has not confirmed exists nowhere else.
   */
  evict(recordId: string, keepIds: readonly string[]): Promise<void>;
  counts(): Promise<{ waiting: number; held: number; quarantined: number }>;
  /** The last server state seen, to notice a new incarnation or epoch. */
  server(): Promise<ServerState | undefined>;
  setServer(state: ServerState): Promise<void>;
}

/** A new line of the care log, decided but without its position. */
export interface NewLine {
  recordId: string;
  deviceId: string;
  hash: string;
  text: string;
  signature: string | undefined;
  /** The parsed envelope, or null for a quarantined line, whose text may be anything. */
  entry: Entry | null;
  quarantine: string | undefined;
}

/** What is committed of one record: enough to decide on new entries of it. */
export interface RecordHeads {
  /** Position of the record's newest line; 0 if it has none. Append refuses when this is no longer true. */
  lastPosition: number;
  /** Device id → entry hash by n; a hole is undefined. Index 0 is unused. */
  chains: Map<string, (string | undefined)[]>;
  /** Hashes of this record's quarantined lines. */
  quarantined: Set<string>;
  /**
   * Device id → n of a hole → the hash that the entry after the hole names as its `prev`. Without it, an entry that fills
   * a hole is not compared with its successor.
   */
  holes?: Map<string, Map<number, string>>;
}

export type AppendOutcome =
  | { outcome: "committed"; epoch: number; firstPosition: number }
  /** A record moved on since its heads were read: read them again and decide again. */
  | { outcome: "stale"; recordIds: string[] }
  /** These entry ids are stored already, with these hashes, perhaps in other records. */
  | { outcome: "id-taken"; stored: Map<string, string> };

/** The server's log, as the sequencer needs it. Contract: store.contract.ts. */
export interface LogStore {
  heads(recordIds: readonly string[]): Promise<Map<string, RecordHeads>>;
  /**
   * Gives the lines the next positions, in order and without gaps, and stores them with their projections in one
   * transaction; resolves after a durable commit.
   */
  append(lines: readonly NewLine[], expectedLastPosition: ReadonlyMap<string, number>): Promise<AppendOutcome>;
}
