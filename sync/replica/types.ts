import type { Clock, DeviceSigner, Draft, HashText, Random, Transport } from "../ports.ts";
import type { HeldEntry, ReplicaStore } from "../store.ts";
import type { CarriedEntry } from "./carry.ts";

export interface ReplicaParts {
  store: ReplicaStore;
  transport: Transport;
  signer: DeviceSigner;
  hash: HashText;
  clock: Clock;
  random: Random;
  limits?: Partial<ReplicaLimits>;
}

export interface ReplicaLimits {
  pushEntriesMax: number;
  pushBytesMax: number;
  pullRecordsMax: number;
  pullLinesMax: number;
  /** Pages of pull in one round; what is left waits for the next. */
  pullPagesMax: number;
  headsMax: number;
  /** Entries are kept this long after the base has acknowledged them, so that a server can be refilled. */
  keepDays: number;
  evictionEveryRounds: number;
}

export type SyncResult =
  /** The round went through. */
  | "done"
  | "unreachable"
  /** The server is at a limit; `retryAfterMs` says when to come back. */
  | "busy"
  /** The server does not take this device now. */
  | "refused"
  /** The server could not read a message; smaller ones are tried next. */
  | "rejected"
  /** The server speaks for an older epoch than this device has seen; nothing of it was taken. */
  | "epoch-behind"
  /** This device's own store failed. */
  | "store-failed";

export interface SyncOutcome {
  result: SyncResult;
  /** Entries answered by the server in this round, and entries filed. */
  pushed: number;
  pulled: number;
  /** More is waiting: go on at once. */
  more: boolean;
  retryAfterMs?: number;
}

/** Something that was found wrong and kept aside; `recordId` and `id` name it, never its content. */
export interface ReplicaFinding {
  code: "changed-in-store" | "changed-in-transit" | "unreadable-line" | "id-reused" | "lost-from-store";
  recordId: string;
  id: string;
}

export type ReplicaEvent =
  | { type: "entries"; recordId: string }
  | { type: "states"; recordIds: string[] }
  /** What the base says of the archive has changed: any entry may be in it now. */
  | { type: "archived" }
  | { type: "finding"; finding: ReplicaFinding }
  | { type: "status" };

export interface ReplicaStatus {
  waiting: number;
  /** Durable at a standby, and at no base yet. */
  held: number;
  quarantined: number;
  /** By the device's clock; null before the first contact of this start. */
  lastContactMs: number | null;
  /** Whether the last answer was a standby's, and as of when; null for a base's. */
  standby: { asOf: string | null } | null;
  levelOfService: "never-connected" | SyncResult;
  /** What was found changed or unreadable since this start, newest last, at most 100. */
  findings: readonly ReplicaFinding[];
}

/** A held entry as it is read, and whether it is in the archive by what the base said last, before this start too. */
export interface ReadEntry extends HeldEntry {
  inArchive: boolean;
}

/** The device's half of sync. One per device and store; a second tab must not run another. */
export interface Replica {
  /**
   * Resolves once the entry is durable and has been read back equal. Rejects with `NotSaved`, which holds the text for a
   * second way out, or with `DraftRefused` when the draft cannot become an entry. Writes of one record are serialised.
   */
  write(draft: Draft): Promise<HeldEntry>;
  /**
   * Saves what `write` could not: `text` is the `NotSaved`'s. It stays one entry under one id, whether the failed write had
   * reached the disk or `sendPast` the base. Without a text, or with one that was never sealed, the draft is written.
   */
  writeAgain(draft: Draft, text: string | undefined): Promise<HeldEntry>;
  /**
   * The second way out: sends the text of a `NotSaved` to the base, past this device's store. True once the base has
   * accepted it durably. Whatever comes of it, its place in the chain is not given to another entry while this replica
   * lives. Rejects with a TransportFailure.
   */
  sendPast(text: string): Promise<boolean>;
  /**
   * Keeps entries of others that came by a film, and pushes them with their authors' signatures (carry.ts). Resolves to how many
   * were new, once they are durable; rejects with `CarriedContradicts`, having kept none.
   */
  carry(recordId: string, entries: readonly CarriedEntry[]): Promise<number>;
  /** The record's entries whose bytes still match their hash, own and pulled, in no meaningful order. */
  entries(recordId: string): Promise<ReadEntry[]>;
  /** Pulls a record that this device need not have written, in every round until the returned function is called. */
  follow(recordId: string): () => void;
  /** Pulls a record in the next round, because a poke named it. */
  poked(recordId: string): void;
  setOpen(recordId: string, open: boolean): Promise<void>;
  /** One round: refill if the server began a new life, push one message, pull. Never rejects; joins a running round. */
  syncOnce(): Promise<SyncOutcome>;
  onChange(listener: (event: ReplicaEvent) => void): () => void;
  status(): Promise<ReplicaStatus>;
}

/** The entry did not reach the device's store, or could not be read back as it was written. */
export class NotSaved extends Error {
  readonly text: string;
  constructor(text: string, cause: unknown) {
    super("Not saved on this device. Push it at once, or keep it as a file.", { cause });
    this.name = "NotSaved";
    this.text = text;
  }
}
