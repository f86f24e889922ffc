import type pg from "pg";
import { type Entry, entry } from "#domain/entry/entry.ts";
import type { AccessLine } from "../logs/access-line.ts";
import { type AccessRow, accessColumns, accessLine } from "../logs/access-line.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { type StoredLine, storedLinesOf } from "../verify/stored-lines.ts";
import { type ContactLine, contactOf, type OutageWindow } from "./contact-of.ts";
import { type FailedLookUp, isFailedLookUp, recordOf } from "./look-ups.ts";
import type { OutageContact } from "./subjects.ts";

/** A paper form, as the control log tells of it. */
export interface PaperForm {
  number: string;
  recordId: string | undefined;
}
export interface ContactsAsked {
  window: OutageWindow;
  forms: readonly PaperForm[];
}

const recordsAtATime = 100;
/** A device's clock may be ahead: what it says happened in the outage came before it. */
const aheadMs = 3_600_000;

/**
 * Every contact of an outage by its id, with what it went without. In a transaction of the archive's role: it opens the lines of records that
 * anything came for since the outage began. What of them does not open is counted, and ends nothing.
 */
export const readContacts = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  { window, forms }: ContactsAsked,
): Promise<Map<string, OutageContact>> => {
  const contacts = new Map<string, OutageContact>();
  const written: { recordId: string; deviceId: string; atMs: number }[] = [];
  const ids = await recordsSince(client, window.fromMs - aheadMs);
  for (let i = 0; i < ids.length; i += recordsAtATime) {
    const some = ids.slice(i, i + recordsAtATime);
    const lines = Map.groupBy(await storedLinesOf(client, keyRing, some), ({ recordId }) => recordId!);
    const whole = await wholeBlobs(client, some);
    for (const [recordId, stored] of lines) {
      const opened = stored.flatMap((line) => contactLine(line) ?? []);
      const contact = contactOf(opened, window, (sha256) => whole.has(`${recordId} ${sha256}`));
      if (contact === undefined) continue;
      contacts.set(recordId, { ...contact, recordId });
      for (const { entry: of, deviceId } of opened)
        if (of !== null) written.push({ recordId, deviceId, atMs: Date.parse(of.occurredAt) });
    }
  }
  for (const lookUp of await failedLookUps(client, keyRing, window)) addLookUp(contacts, lookUp, written);
  for (const form of forms) addForm(contacts, form);
  return contacts;
};

const recordsSince = async (client: pg.ClientBase, fromMs: number): Promise<string[]> => {
  const text = "SELECT DISTINCT record_id FROM care_line WHERE received >= $1 ORDER BY record_id";
  const { rows } = await client.query<{ record_id: string }>(text, [new Date(fromMs)]);
  return rows.map((row) => row.record_id);
};

/** Undefined for a line of a record that has ended, whose bytes are gone. */
const contactLine = (line: StoredLine): ContactLine | undefined => {
  const { text, fault, quarantine, deviceId, received } = line;
  if (text === null && fault === undefined) return undefined;
  const isAside = quarantine != null;
  const about = { receivedMs: Date.parse(received), deviceId: deviceId!, isAside };
  return { ...about, entry: isAside || text === null ? null : readEntry(text) };
};
const readEntry = (text: string): Entry | null => {
  try {
    return entry.parse(JSON.parse(text));
  } catch {
    return null;
  }
};

const wholeBlobs = async (client: pg.ClientBase, recordIds: readonly string[]): Promise<Set<string>> => {
  const text = "SELECT record_id, sha256 FROM blob WHERE complete AND record_id = ANY ($1::uuid[])";
  const { rows } = await client.query<{ record_id: string; sha256: Buffer }>(text, [recordIds]);
  return new Set(rows.map(({ record_id, sha256 }) => `${record_id} ${sha256.toString("hex")}`));
};

const failedLookUps = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  { fromMs, toMs }: OutageWindow,
): Promise<FailedLookUp[]> => {
  // A device tells of one that nobody answered when somebody answers again: it was when its own clock says. So does a standby, by what it noted.
  const text = `SELECT ${accessColumns} FROM access_line
    WHERE (action IN ('find', 'refused') AND noted_at IS NULL AND received >= $1 AND received < $2)
      OR (action = 'find-unanswered' AND offline_at >= $1 AND offline_at < $2)
      OR (action IN ('find', 'refused') AND noted_at >= $1 AND noted_at < $2)
    ORDER BY epoch, position`;
  const { rows } = await client.query<AccessRow>(text, [new Date(fromMs), new Date(toMs)]);
  return rows.flatMap((row) => {
    const line = opened(keyRing, row);
    if (line === undefined || !isFailedLookUp(line)) return [];
    const { epoch, position, received, deviceId, recordIds, offline, notedAt } = line;
    const atMs = Date.parse(offline?.at ?? notedAt ?? received);
    return [{ contactId: `access-${epoch}-${position}`, atMs, deviceId, recordIds }];
  });
};
/** Undefined for a line that was changed at rest, of which the proof of the logs tells. */
const opened = (keyRing: KeyRing, row: AccessRow): AccessLine | undefined => {
  try {
    return accessLine(keyRing, row);
  } catch {
    return undefined;
  }
};

const addLookUp = (
  contacts: Map<string, OutageContact>,
  lookUp: FailedLookUp,
  written: Parameters<typeof recordOf>[1],
): void => {
  const { contactId, deviceId, atMs } = lookUp;
  const recordId = recordOf(lookUp, written);
  const at = new Date(atMs).toISOString();
  const nothing = {
    forms: [],
    devices: deviceId === undefined ? [] : [deviceId],
    missing: [],
    firstAt: at,
    lastAt: at,
  };
  const key = recordId ?? contactId;
  const contact = contacts.get(key) ?? { ...nothing, ...(recordId !== undefined && { recordId }) };
  const before = contact.missing.find(({ what }) => what === "look-up")?.count ?? 0;
  const missing = contact.missing.filter(({ what }) => what !== "look-up");
  contacts.set(key, { ...contact, missing: [...missing, { what: "look-up", count: before + 1 }] });
};

const addForm = (contacts: Map<string, OutageContact>, { number, recordId }: PaperForm): void => {
  const key = recordId ?? `form-${number}`;
  const contact = contacts.get(key) ?? { forms: [], devices: [], missing: [], ...(recordId && { recordId }) };
  const missing = contact.missing.filter(({ what }) => what !== "paper");
  const forms = [...contact.forms, number];
  contacts.set(key, { ...contact, forms, missing: [...missing, { what: "paper", count: forms.length }] });
};
