import type { LogName } from "#defence/log/line.ts";
import { entry } from "#domain/entry/entry.ts";
import type { Access } from "../logs/access-line.ts";
import { type ControlChange, readControlLine, type SubjectKind } from "../logs/control-log.ts";
import type { StoredLine } from "../verify/stored-lines.ts";

/** What a line tells of: ids, codes and our own words. No name, reason or clinical value is taken from what is sealed. */
export interface Act {
  words: string;
  /** What the device's clock said; null where nobody claims a time. */
  claimed: string | null;
  person: string | null;
  zone: string | null;
  outcome: "allowed" | "refused" | "unknown";
  /** Subject of a control line. */
  subject: { kind: string; id: string } | null;
  records: readonly string[];
  /** Others whom it is about or who had a part in it: ids of people and devices. */
  others: readonly string[];
}

/** What a line that opens says. Throws for what this version cannot read. */
export const actOf = (log: LogName, line: StoredLine, text: string): Act => readers[log](line, text);

/** Devices write some of these: only what looks like an id or a code is repeated, on one line. */
const idOf = (value: unknown): string =>
  typeof value === "string" && /^[\w.@:+/=-]{1,200}$/.test(value) ? value : "(not an id)";
const idOrNull = (value: unknown): string | null => (value == null ? null : idOf(value));
const codesOf = (value: unknown): string =>
  Array.isArray(value) && value.length > 0 ? value.map(idOf).join(", ") : "none";
const instantOf = (value: unknown): string | null => {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
};

const careAct = ({ recordId, quarantine, n }: StoredLine, text: string): Act => {
  const about = { zone: null, subject: null, records: recordId === undefined ? [] : [idOf(recordId)] };
  if (quarantine != null) {
    const words = `sent bytes that were kept aside: ${idOf(quarantine)}`;
    return { ...about, words, claimed: null, person: null, outcome: "refused", others: [] };
  }
  const { kind, recorded, author, ref, blobs } = entry.parse(JSON.parse(text));
  const word =
    ref === undefined ? `wrote entry ${n}` : { amends: "amended", strikes: "struck", about: "added to" }[ref.rel];
  const target = ref === undefined ? "" : ` entry ${idOf(ref.id)}, as entry ${n}`;
  const { vouchedBy, transcribedBy } = author;
  const parts = [
    `${word}${target} (${idOf(kind)})`,
    ...(blobs === undefined ? [] : [`with ${blobs.length} attachments`]),
    ...(vouchedBy === undefined ? [] : [`vouched for by ${idOf(vouchedBy)}`]),
    ...(transcribedBy === undefined ? [] : [`read off paper by ${idOf(transcribedBy.userId)}`]),
  ];
  return {
    ...about,
    words: parts.join(", "),
    claimed: instantOf(recorded.clock),
    person: idOf(author.userId),
    outcome: "allowed",
    others: [vouchedBy, transcribedBy?.userId].flatMap((id) => id ?? []),
  };
};

const accessAct = (_line: StoredLine, text: string): Act => {
  const { action, detail, person, zone, recordIds, offline, notedAt, purpose } = JSON.parse(text) as Access;
  const isRefused = action === "refused";
  const what = isRefused ? `was refused: ${codeWords(detail)}` : (accessWords[action] ?? idOf(action));
  const unproven = /^(?:unproven|vouched for by) (\S+)$/.exec(detail ?? "")?.[1];
  return {
    words: `${what}, for ${idOf(purpose)}${offline === undefined ? "" : ", away from the server"}`,
    claimed: instantOf(offline?.at ?? notedAt),
    person: idOrNull(person?.userId),
    zone: idOrNull(zone),
    outcome: isRefused ? "refused" : "allowed",
    subject: null,
    records: recordIds.map(idOf),
    others: unproven === undefined ? [] : [unproven],
  };
};
/** Of a refusal: the action that was asked for and a code. */
const codeWords = (detail = ""): string => detail.split(" ").map(idOf).join(" ");

const accessWords: Readonly<Record<string, string>> = {
  pull: "had records sent",
  arrivals: "saw the arrivals board",
  "page-print": "printed a page",
  "fhir-read": "read by FHIR",
  blob: "read an attachment",
  enrol: "enrolled a device",
  attach: "continued another crew's record",
  open: "opened a record",
  "opened-again": "opened a record again",
  find: "searched for a patient",
  "break-glass": "broke the glass",
  "sign-in": "signed in",
  "sign-out": "signed out",
  "session-end": "ended a session",
  sessions: "looked at sessions",
  "see-access": "looked at who saw what",
  "see-affected": "looked at which records were touched",
  "export-access": "exported who saw what",
  "desk-read": "read a record at the desk",
  "desk-copy": "made a copy of a record",
  "record-history": "looked at a record's decisions",
  people: "looked at people",
  devices: "looked at devices",
  settings: "looked at settings",
  connections: "looked at connections",
  proposals: "looked at proposals",
  reviews: "looked at broken glass to review",
  "see-proof": "looked at the proof of the logs",
  "prove-logs": "had the logs proved",
  "see-standby": "looked at who could sign in at the standby",
  "see-timeline": "looked at who did what",
  outages: "looked at outages",
  "outage-contacts": "looked at what contacts of an outage went without",
  "list-outage": "had the contacts of an outage listed",
  "export-outage": "exported what contacts of an outage went without",
};

const controlAct = (_line: StoredLine, text: string): Act => {
  const change = readControlLine(text);
  if (change === null) throw new Error("A later version wrote it.");
  const { kind, id, state, by } = change;
  const record = kind === "record" ? id : state.recordId;
  const others = [state.userId, state.deviceId, state.usedBy, ...(kind in ofPeopleAndDevices ? [id] : [])];
  return {
    words: controlWords(change),
    claimed: null,
    person: idOrNull(by.userId),
    zone: null,
    outcome: "allowed",
    subject: { kind: idOf(kind), id: idOf(id) },
    records: typeof record === "string" ? [idOf(record)] : [],
    others: others.filter((other) => typeof other === "string"),
  };
};

/** Kinds whose subject's id is a person's or a device's. */
const ofPeopleAndDevices: Partial<Record<SubjectKind, true>> = {
  device: true,
  person: true,
  pin: true,
  "provider-link": true,
};

const controlWords = ({ kind, id, state }: ControlChange): string => {
  const subject = `${idOf(kind)} ${idOf(id)}`;
  const user = state.userId === undefined ? "" : ` of person ${idOf(state.userId)}`;
  if (kind === "device") return `set ${subject}: ${idOf(state.state ?? "active")}`;
  if (kind === "person") return `set ${subject}: roles ${codesOf(state.roles)}${state.endsAt == null ? "" : ", ends"}`;
  if (kind === "passkey") return `${state.removed === true ? "removed" : "set"} ${subject}${user}`;
  if (kind === "proposal") return `set ${subject}: ${idOf(state.what)}, ${idOf(state.state)}${user}`;
  if (kind === "record") return state.disposal === undefined ? `set marks of ${subject}` : `ended ${subject}`;
  if (kind === "proof")
    return `noted a proof of the logs: ${state.good === true ? "nothing wrong" : "something wrong"}`;
  return `set ${subject}${user}`;
};

const readers: Record<LogName, (line: StoredLine, text: string) => Act> = {
  care: careAct,
  access: accessAct,
  control: controlAct,
};
