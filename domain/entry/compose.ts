import type { EntryOf, Kind } from "../kinds.ts";
import { quantityText } from "../medication/dose.ts";
import { news2Of } from "../observations/news2.ts";
import { news2Text } from "../observations/news2-words.ts";
import { setParts } from "../observations/set-text.ts";
import { ageSexText } from "../patient/age.ts";
import { allergyText } from "../patient/allergy-words.ts";
import { identityWords, nameText, nhsNumberText } from "../patient/patient-words.ts";
import type { CareRecord, LineOf, RecordLine } from "../record.ts";
import { noWords } from "./answer.ts";
import { clockText } from "./clock.ts";

export interface LineText {
  title: string;
  /** May be empty. */
  detail: string;
}

/** One way to say each kind, for the timeline on the tablet and in the hospital and for the printed page. */
export const lineText = (line: RecordLine, record: CareRecord): LineText => {
  const { known } = line;
  if (!known)
    return { title: `Entry of a kind this version does not know (${line.entry.kind} v${line.entry.v})`, detail: "" };
  if (known.kind === "observations") {
    const score = news2Text(news2Of(record, line as LineOf<"observations">));
    return { title: `Observations · ${score}`, detail: setParts(known.body).join(" · ") };
  }
  const say = sayings[known.kind] as (entry: typeof known) => LineText;
  return say(known);
};

/** The parts that are there, with the separator of the interface. */
const joined = (...parts: (string | undefined | false | null)[]): string => parts.filter(Boolean).join(" · ");

const answerText = (answer: { is: string } | { no: keyof typeof noWords } | undefined, label: string) =>
  answer && `${label}: ${"is" in answer ? answer.is : noWords[answer.no].toLowerCase()}`;

type Sayings = { [K in Exclude<Kind, "observations">]: (entry: EntryOf<K>) => LineText };

const sayings: Sayings = {
  incident: ({ body }) => ({
    title: `Incident · ${body.callSign}`,
    detail: joined(
      body.demonstration && "Demonstration",
      body.cadNumber && `CAD ${body.cadNumber}`,
      body.priority,
      body.location,
      body.crew.map((person) => `${person.name} (${person.role})`).join(", "),
    ),
  }),
  milestone: ({ body, occurredAt }) => ({
    title: milestoneWords[body.milestone],
    detail: body.at !== undefined && body.at !== occurredAt ? `at ${clockText(body.at)}` : "",
  }),
  patient: ({ body, occurredAt }) => ({
    title: `Patient · ${joined(nameText(body) ?? "name not known", ageSexText(body, occurredAt))}`,
    detail: joined(
      nhsNumberText(body),
      identityWords[body.identity],
      body.pregnant &&
        ("is" in body.pregnant ? (body.pregnant.is ? "Pregnant" : "Not pregnant") : pregnancyWords[body.pregnant.no]),
      body.weight && `${quantityText(body.weight.quantity)} (${body.weight.how})`,
      body.address,
      body.postcode,
      body.gp && `GP ${body.gp}`,
    ),
  }),
  allergies: ({ body }) => ({ title: "Allergies", detail: allergyText(body) }),
  presentation: ({ body }) => ({
    title: body.concern || "Presentation",
    detail: joined(
      body.onset && ("is" in body.onset ? `Onset ${clockText(body.onset.is)}` : answerText(body.onset, "Onset")),
      body.mechanism && `Mechanism: ${body.mechanism}`,
      body.findings && `Findings: ${body.findings}`,
      answerText(body.history, "History"),
      answerText(body.pastHistory, "Past history"),
      answerText(body.medication, "Medication"),
    ),
  }),
  "spo2-scale": ({ body }) => ({
    title: `SpO₂ scale ${body.scale}`,
    detail: joined(body.basis, `decided by ${body.decidedBy}`),
  }),
  drug: ({ body }) => ({
    title: `${body.drug}${body.dose ? ` ${quantityText(body.dose)}` : ""}${body.route ? `, ${body.route}` : ""}`,
    detail: joined(
      !body.dose && "dose not recorded",
      body.volume && quantityText(body.volume),
      body.presentation,
      body.indication && `for ${body.indication}`,
      body.givenBy && givenByWords[body.givenBy],
      body.giver && `given by ${body.giver.name}`,
      body.witness && `witness ${body.witness.name}`,
      body.batch && `batch ${body.batch}`,
      ...(body.overrides ?? []).map(
        (override) =>
          `Given all the same, ${override.reason.toLowerCase()}: ${override.guard.replace(/^[a-z-]+: /, "")}`,
      ),
    ),
  }),
  ecg: ({ body, blobs }) => ({
    title: `ECG · ${body.leads.length} ${body.leads.length === 1 ? "lead" : "leads"}`,
    detail: joined(
      body.crewSays,
      body.monitorSays && `Monitor says: ${body.monitorSays}`,
      body.source,
      !blobs?.length && "recording not attached",
    ),
  }),
  note: ({ body }) => ({ title: "Note", detail: body.text }),
  event: ({ body }) => ({ title: body.event, detail: body.detail ?? "" }),
  destination: ({ body }) => ({
    title: body.site ? `To ${body.site.name}` : body.outcome ? outcomeWords[body.outcome] : "Destination",
    detail: joined(
      body.site && body.outcome && outcomeWords[body.outcome],
      body.eta && `ETA ${clockText(body.eta)}`,
      body.why,
    ),
  }),
  prealert: ({ body }) => ({
    title: `Pre-alert to ${body.site.name}`,
    detail: joined(body.concern, body.eta && `ETA ${clockText(body.eta)}`, body.needs?.join(", "), body.message),
  }),
  handover: ({ body }) => ({
    title: body.receiverName ? `Handed over to ${body.receiverName}` : "Handover",
    detail: joined(body.receiverRole, body.comment),
  }),
  acceptance: ({ body }) => ({
    title: `Accepted by ${body.acceptedBy}`,
    detail: joined(body.role, body.site.name, body.comment),
  }),
  place: ({ body }) => ({ title: `Place: ${body.place}`, detail: joined(areaWords[body.area], body.site.name) }),
  receipt: ({ body, author }) => ({
    title: body.what === "seen" ? `Seen by ${author.name}` : `Shown at ${body.site.name}`,
    detail: body.what === "seen" ? joined(author.role, body.site.name) : "",
  }),
  "co-signature": ({ body, author }) => ({
    title: `Co-signed by ${author.name}`,
    detail: body.entries.length === 1 ? "1 entry" : `${body.entries.length} entries`,
  }),
  strike: ({ ref }) => ({ title: "Struck", detail: ref?.reason ?? "" }),
};

export const milestoneWords = {
  "call-connected": "Call connected",
  allocated: "Allocated",
  mobile: "Mobile",
  "at-scene": "At scene",
  "at-patient": "At patient",
  "left-scene": "Left scene",
  "at-hospital": "At hospital",
  "handed-over": "Handed over",
  clear: "Clear",
  "stood-down": "Stood down",
} as const satisfies Record<EntryOf<"milestone">["body"]["milestone"], string>;

export const areaWords = { resus: "Resus", majors: "Majors", fit2sit: "Fit2Sit", other: "Other" } as const;

const outcomeWords = {
  "see-and-convey": "See & Convey",
  "see-and-treat": "See & Treat",
  referred: "Referred",
  refused: "Refused conveyance",
  "stood-down": "Stood down",
} as const;

const givenByWords = {
  author: "",
  crew: "given by a colleague",
  "earlier-crew": "given by an earlier crew",
  patient: "the patient's own dose",
  other: "given by someone else",
} as const;

const pregnancyWords: Record<keyof typeof noWords, string> = {
  none: "Not pregnant",
  "not-known": "Pregnancy not known",
  "not-asked": "Pregnancy not asked",
  refused: "Pregnancy: refused to say",
};
