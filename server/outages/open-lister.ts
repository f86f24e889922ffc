import type pg from "pg";
import { type ControlChange, createControlLog, StaleSubject, type Subject } from "../logs/control-log.ts";
import { formSubject } from "../paper/subjects.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { atOneInstant } from "../verify/at-one-instant.ts";
import { type PaperForm, readContacts } from "./read-contacts.ts";
import { contactKey, contactSubject, type OutageContact, type OutageSubject, outageSubject } from "./subjects.ts";

/** Says what each contact of an outage went without. In the process that proves, which reads every line. */
export interface OutageLister {
  /**
   * Reads the logs, and notes each contact in the control log; what was reviewed stays. Resolves to how many there are. One run of an
   * outage at a time: who asks meanwhile gets the one that runs.
   */
  list(outageId: string): Promise<number>;
  /** Ids of those whose contacts are looked for now. */
  listing(): ReadonlySet<string>;
}

export interface ListerParts {
  /** Of the archive's role, asked anew for each run. */
  url: () => string;
  /** Connections of holdfast_archive, which notes what was found, and of holdfast_identity, which reads what was asked. */
  pool: pg.Pool;
  identity: pg.Pool;
  keyRing: KeyRing;
}

/** Lines of one commit. */
const atOnce = 500;
const triesMax = 5;
/** A form that something happened to so long after an outage is of another. */
const formsAfterMs = 30 * 86_400_000;
/** States of a form on which somebody has written. */
const written = new Set(["waiting", "sent-back", "checked", "entered", "lost"]);

export const openLister = ({ url, pool, identity, keyRing }: ListerParts): OutageLister => {
  const held = createControlLog(identity, keyRing, "append_identity");
  const log = createControlLog(pool, keyRing, "append_proof");
  const listing = new Map<string, Promise<number>>();

  const readForms = async (fromMs: number, toMs: number): Promise<PaperForm[]> =>
    (await held.all("paper-form")).flatMap(({ id, state, changed }) => {
      const { state: word, recordId } = formSubject.parse(state);
      const ms = changed.getTime();
      return written.has(word) && fromMs <= ms && ms < toMs + formsAfterMs ? [{ number: id, recordId }] : [];
    });

  /** All or none of the contacts that are not noted as they are now; somebody may review one meanwhile. */
  const note = async (outageId: string, contacts: ReadonlyMap<string, OutageContact>): Promise<void> => {
    const before = new Map((await held.all("outage-contact")).map((subject) => [subject.id, subject]));
    const changes = [...contacts].flatMap(([contactId, contact]) => {
      const id = contactKey(outageId, contactId);
      return changeOf(id, contact, before.get(id)) ?? [];
    });
    for (let i = 0; i < changes.length; i += atOnce) await log.append(changes.slice(i, i + atOnce));
  };

  const end = async (outageId: string): Promise<void> => {
    const subject = await held.find("outage", outageId);
    const state = { ...subject!.state, listedAt: new Date().toISOString() };
    await log.append([{ kind: "outage", id: outageId, state, by: {}, expected: subject!.position }]);
  };

  const run = async (outageId: string): Promise<number> => {
    const subject = await held.find("outage", outageId);
    if (subject === undefined) throw new Error("There is no such outage.");
    const { from, to, lateMinutes }: OutageSubject = outageSubject.parse(subject.state);
    const window = { fromMs: Date.parse(from), toMs: Date.parse(to), lateMs: lateMinutes * 60_000 };
    const forms = await readForms(window.fromMs, window.toMs);
    const contacts = await atOneInstant(url(), "holdfast outages", (client) =>
      readContacts(client, keyRing, { window, forms }),
    );
    await again(() => note(outageId, contacts));
    await again(() => end(outageId));
    return contacts.size;
  };
  return {
    list: (outageId) => {
      const running = listing.get(outageId) ?? run(outageId).finally(() => listing.delete(outageId));
      listing.set(outageId, running);
      return running;
    },
    listing: () => new Set(listing.keys()),
  };
};

/** Reads and decides anew where somebody changed a subject first. */
const again = async (work: () => Promise<void>): Promise<void> => {
  for (let tries = 1; ; tries++)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StaleSubject) || tries === triesMax) throw error;
    }
};

/** Undefined where nothing is known that was not before. A review stays, and says whether more is missing since. */
const changeOf = (id: string, contact: OutageContact, before: Subject | undefined): ControlChange | undefined => {
  const line = { kind: "outage-contact", id, by: {}, expected: before?.position ?? 0 } as const;
  if (before === undefined) return { ...line, state: { ...contact, more: false } };
  const { more, outcome, words, reviewer, ...known } = contactSubject.parse(before.state);
  if (JSON.stringify(sorted(known)) === JSON.stringify(sorted(contact))) return undefined;
  const review = { ...(outcome && { outcome }), ...(words && { words }), ...(reviewer && { reviewer }) };
  return { ...line, state: { ...contact, ...review, more: more || (outcome !== undefined && isMore(known, contact)) } };
};

const sorted = ({ missing, forms, devices, recordId, firstAt, lastAt }: OutageContact) => [
  recordId,
  firstAt,
  lastAt,
  forms.toSorted(),
  devices.toSorted(),
  missing.toSorted((a, b) => a.what.localeCompare(b.what)),
];

const isMore = (before: OutageContact, now: OutageContact): boolean =>
  now.missing.some(({ what, count, minutes = 0 }) => {
    const was = before.missing.find((each) => each.what === what);
    return was === undefined || count > was.count || minutes > (was.minutes ?? 0);
  });
