import type { Author } from "#domain/entry/entry.ts";
import type { RecordAccessesResponse } from "#protocol/accesses.ts";
import type { ArrivalsResponse } from "#protocol/arrivals.ts";
import type { EnrolResponse } from "#protocol/enrolment.ts";
import type { Poke } from "#protocol/poke.ts";
import type { PinNew } from "#protocol/sign-in.ts";
import type { Draft } from "#sync/ports.ts";
import type { Replica } from "#sync/replica.ts";
import type { HeldEntry, HeldRecord } from "#sync/store.ts";
import type { Blobs } from "./blobs.ts";
import type { DowntimeKit } from "./downtime.ts";
import type { Drafts } from "./drafts.ts";
import type { EarlierRecords } from "./earlier.ts";
import type { Films } from "./film/films.ts";
import type { SessionPerson } from "./person-session.ts";
import type { Refused } from "./pin.ts";
import type { SignInPlace } from "./sign-in.ts";
import type { StoreFailure } from "./store-failure.ts";

/** A person who may unlock this tablet. Nothing secret: this is what the lock screen lists. */
export interface Person {
  userId: string;
  name: string;
  role: string;
  /** Of the access policy; none for somebody of whom only the words are known. */
  roles?: string[];
  staffNumber?: string;
}

/** What a device learned when it enrolled, without its secrets; the lock screen may read it. */
export interface Enrolment extends Omit<EnrolResponse, "server" | "token" | "people" | "servers"> {
  baseUrl: string;
  people: Person[];
  /** Where the trust's servers answer this device, the base first; absent before the trust has said so. */
  serverUrls?: string[];
  /** What is shown when nothing else answers; absent before the first heartbeat that brought some of it. */
  downtimeKit?: DowntimeKit;
}

/**
 * How far a client is. `other-tab`: another tab of this browser holds the write lock, this one waits for it. `broken`:
 * the device's store cannot be used; `failure` says why, and nothing may be shown as saved.
 */
export type Phase = "other-tab" | "new" | "locked" | "ready" | "broken";

/** `unknown` until the first attempt. `refused`: the base answers, but not to this device (revoked, wrong token). */
export type Link = "unknown" | "online" | "busy" | "unreachable" | "refused";

/** One immutable picture of a client for React's `useSyncExternalStore`; a new object for each change. */
export interface ClientSnapshot {
  phase: Phase;
  enrolment: Enrolment | null;
  /** Who unlocked the tablet; for a screen always null. */
  person: Person | null;
  /** How that person was let in: by the PIN alone, or by the PIN and this tablet's authenticator. */
  signIn: "pin" | "pin-weak";
  /** Until when that person can sign in here without the base being asked, by the base's clock, ms since 1970. */
  signInUntilMs: number | null;
  /** Who is signed in at this screen with a session of this cell's; for a tablet always null. */
  signedIn: SessionPerson | null;
  link: Link;
  /** It is the standby that answers, and nobody else: as of when it shows what the base had. */
  standby: { asOf: string | null } | null;
  /** Entries that are saved on this device and not yet acknowledged by the base. */
  waiting: number;
  /** Entries that the standby has too, and that the base must still acknowledge. */
  held: number;
  /** Entries that the base keeps aside because something about them is wrong; a person must look. */
  quarantined: number;
  /** Those of them that wait only for the desk to release them, because it has this device as lost, stolen, retired or a clone. */
  atDesk: number;
  /** Blobs that are saved on this device and not yet whole at the base. */
  waitingBlobs: number;
  /** Device clock at the last answer of the base, ms since 1970; null before the first. */
  lastContactMs: number | null;
  /** The browser's promise not to evict this device's data; null when it does not say. */
  persisted: boolean | null;
  /** The last write that failed and has not been overcome by a later one: show the red banner while it is there. */
  failure: StoreFailure | null;
}

export type UnlockResult =
  | { unlocked: true }
  | { unlocked: false; why: Refused; retryAfterMs: number; triesLeft: number };

/**
 * One device in one trust's cell: a tablet has one, a hospital page one per trust. `subscribe` and `getSnapshot` are made
 * for `useSyncExternalStore(client.subscribe, client.getSnapshot)`.
 */
export interface Client {
  readonly database: string;
  subscribe(listener: () => void): () => void;
  getSnapshot(): ClientSnapshot;
  /**
   * Enrols with a code at a cell (`http://crew.northmoor.localhost:7401`). A tablet is `locked` afterwards, a screen is
   * `ready`. Rejects with a TransportFailure; nothing is stored then.
   */
  enrol(baseUrl: string, code: string): Promise<void>;
  unlock(userId: string, pin: string): Promise<UnlockResult>;
  /**
   * For a locked tablet that nobody can unlock any more: a code of the desk lets its people in again. What it holds is forgotten,
   * so all of it must be at the base; rejects with a plain sentence where it is not, or with a TransportFailure.
   */
  letInAgain(code: string): Promise<void>;
  /**
   * Sets a person's PIN with a code of the desk; the tablet may be locked, the base must be in reach. Resolves to whose it is, and whether
   * it works here already: a locked tablet is not told. Rejects with a TransportFailure.
   */
  setPin(asked: PinNew): Promise<{ name: string; isHere: boolean }>;
  /**
   * Hides the records at once, and seals what is half typed. The data key leaves memory, after a while where files still go to
   * the base; entries that wait are sent all the same, sealed to the trust's inbox.
   */
  lock(): void;
  /** What is typed and not saved yet. Empty, and deaf, while the tablet is locked. */
  readonly drafts: Drafts;
  /**
   * On a locked tablet: begins a record, or goes on with one that was begun since the lock. Nothing can be read. Resolves once
   * the entry is durable; rejects with `NotSaved`.
   */
  writeLocked(draft: Draft): Promise<HeldEntry>;
  /** Where people sign in at this screen. Throws on a tablet, and before the screen is enrolled. */
  readonly signInPlace: SignInPlace;
  /** Throws unless `phase` is `ready`. */
  readonly replica: Replica;
  /** Throws unless `phase` is `ready`. */
  readonly blobs: Blobs;
  /** For a handover with no base between. Throws unless `phase` is `ready`. */
  readonly films: Films;
  /**
   * The records to pull and be poked about, beside those this device holds already; replaces the earlier list. Does
   * nothing unless `phase` is `ready`.
   */
  follow(recordIds: readonly string[]): void;
  /**
   * Tells the base that a record which this device holds was opened, and by whom; null for nobody. Kept sealed until the
   * base has it. Does nothing unless `phase` is `ready`. `reason`: of a record that was opened past the usual rules.
   */
  opened(recordId: string, by: Author | null, reason?: string): void;
  /** Records of other crews and sites, for a reason. Throws unless `phase` is `ready`. */
  readonly earlier: EarlierRecords;
  /** Who has seen a record, newest first, a page before `before`; rejects with a TransportFailure. */
  accessesOf(recordId: string, before?: string): Promise<RecordAccessesResponse>;
  /** The records that this device holds, in no meaningful order. Throws unless `phase` is `ready`. */
  records(): Promise<HeldRecord[]>;
  /** Pushes and pulls now, without waiting for the timer; resolves when that round is over, however it went. */
  syncNow(): Promise<void>;
  /** The site's board, `GET /arrivals/v1`; rejects with a TransportFailure. Screens only. */
  arrivals(): Promise<ArrivalsResponse>;
  onPoke(listener: (poke: Poke) => void): () => void;
  /**
   * The second way out of a write that was not saved (`NotSaved.text`): sends it past this device's store. True once the
   * base has accepted it durably; false or a TransportFailure when it has not.
   */
  pushUnsaved(text: string): Promise<boolean>;
  /** The other way: everything that waits, and this text or record too, as a file that the browser downloads. */
  fileToKeep(also?: { recordId?: string; text?: string }): Promise<void>;
  /** Stops timers and sockets and lets another tab write. */
  close(): Promise<void>;
}

export interface OpenClientOptions {
  app: "tablet" | "screen";
  /** IndexedDB's name; a hospital page gives each trust's cell its own. Default `holdfast-<app>`. */
  database?: string;
}
