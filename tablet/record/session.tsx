import { createContext, useContext } from "react";
import type { Client, Enrolment } from "#client/client.ts";
import type { EarlierRecord } from "#client/earlier.ts";
import type { Author, BlobRef, Entry } from "#domain/entry/entry.ts";
import type { BodyOf, Kind } from "#domain/kinds.ts";
import type { CareRecord, RecordLine } from "#domain/record.ts";
import type { HeldEntry, HeldState } from "#sync/store.ts";
import type { Shift } from "../shift.ts";
import type { Place } from "./places.ts";

export interface WriteOptions {
  occurredAt?: string;
  blobs?: BlobRef[];
  /** This entry replaces that one; the reason is shown in its history. */
  amends?: { id: string; reason: string };
  /** Offers to undo it for a few seconds, in these words. */
  undo?: string;
}

/** The open record and all that its screens may do to it. */
export interface RecordSession {
  client: Client;
  enrolment: Enrolment;
  shift: Shift;
  author: Author;
  recordId: string;
  record: CareRecord;
  states: ReadonlyMap<string, HeldState>;
  /** Ids of the entries that are in the archive. */
  archived: ReadonlySet<string>;
  /** Of a record that was opened to read, for a reason: nothing of it is written to. */
  earlier?: EarlierRecord;
  /** Resolves to the saved entry once it is durable; undefined where it was not saved: the entry is then kept in memory, and the red banner over every screen has it. */
  write: <K extends Kind>(kind: K, body: BodyOf<K>, options?: WriteOptions) => Promise<HeldEntry | undefined>;
  /** Strikes a whole line, every version of it. Undefined where one of the strikes was not saved. */
  strike: (line: RecordLine, reason: string) => Promise<HeldEntry | undefined>;
  go: (screen: RecordScreenName, detail?: string) => void;
  /** Away from this record. */
  leave: (place: Place) => void;
}

/** The screens of an open record; the part of the address behind its id. */
export const recordScreens = [
  "timeline",
  "obs",
  "drug",
  "note",
  "ecg",
  "patient",
  "presentation",
  "prealert",
  "handover",
  "film",
] as const;
export type RecordScreenName = (typeof recordScreens)[number];

const SessionContext = createContext<RecordSession | null>(null);
export const SessionProvider = SessionContext.Provider;

export const useSession = (): RecordSession => {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("A record's screen was drawn without an open record.");
  return session;
};

/** Saves what a field of the record says now: amends the entry that says it, or writes the first one. */
export const writeField = <K extends Kind>(
  session: RecordSession,
  kind: K,
  current: { entry: Entry } | undefined,
  body: BodyOf<K>,
  reason = "updated",
): Promise<HeldEntry | undefined> =>
  session.write(kind, body, current === undefined ? {} : { amends: { id: current.entry.id, reason } });
