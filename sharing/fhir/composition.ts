import { coSignText } from "#domain/co-signature/words.ts";
import type { No } from "#domain/entry/answer.ts";
import { type AtmistSection, atmist } from "#domain/handover/atmist.ts";
import { changedSince } from "#domain/handover/seen.ts";
import type { RecordLine } from "#domain/record.ts";
import { said } from "../said.ts";
import { whenText } from "../when.ts";
import { authorReference, namedReference, trustReference } from "./agents.ts";
import { ownSystem } from "./codes.ts";
import { paragraphs, table } from "./narrative.ts";
import { emptyReason } from "./no.ts";
import type { Composition, CompositionSection, Reference } from "./r4.ts";
import type { LineResource } from "./resources.ts";
import { isStruck, metaOf, newestOf, recordReference, text, type Versions, type View, withAwaitedTag } from "./view.ts";

type ByLine = ReadonlyMap<Versions, readonly LineResource[]>;

/**
 * The handover document. It opens with ATMIST, as it is spoken; the other sections have the headings of the PRSB's record
 * standards (UK Core's RecordStandardHeadings), each with its words for a reader and its resources for a machine.
 */
export const compositionOf = (view: View, byLine: ByLine): Composition => {
  const { record } = view;
  const all = view.lines.map(({ entry }) => entry);
  const newest = newestOf(view, all);
  const crewAuthor = record.incident?.entry.author ?? view.lines[0]?.entry.author;
  const composition: Composition = {
    resourceType: "Composition",
    id: record.recordId,
    meta: metaOf(view, all, "UKCore-Composition"),
    identifier: { system: ownSystem("handover"), value: `${record.recordId}/${newest?.position ?? 0}` },
    status: statusOf(view),
    type: text("Ambulance handover"),
    subject: recordReference(view, "Patient"),
    encounter: recordReference(view, "Encounter"),
    date: newest?.received ?? view.context.now,
    author: [crewAuthor ? authorReference(view, crewAuthor) : trustReference(view)],
    title: record.incident?.body.demonstration ? "Ambulance handover (DEMONSTRATION)" : "Ambulance handover",
    ...attesters(view),
    custodian: trustReference(view),
    section: sectionsOf(view, byLine),
  };
  return withAwaitedTag(composition, record.awaitingCoSign.length > 0);
};

/** Accepted is final; what came after what the acceptor had seen amends it. */
const statusOf = ({ record }: View): Composition["status"] => {
  const accepted = record.acceptance;
  if (!accepted) return "preliminary";
  return changedSince(record, accepted.body.seen).length > 0 ? "amended" : "final";
};

const attesters = (view: View): Partial<Pick<Composition, "attester">> => {
  const attester = view.record.acceptances.map(({ entry, known }) => ({
    mode: "official" as const,
    time: entry.occurredAt,
    party:
      known.body.acceptedBy === entry.author.name
        ? authorReference(view, entry.author)
        : namedReference(view, known.body.acceptedBy),
  }));
  return attester.length > 0 ? { attester } : {};
};

const headings = "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings";
type Section = { title: string; heading: string };
const sections = {
  atmist: { title: "ATMIST", heading: "handover-details" },
  incident: { title: "Incident and attendance", heading: "incident-details" },
  patient: { title: "Patient", heading: "patient-demographics" },
  allergies: { title: "Allergies and adverse reactions", heading: "allergies-and-adverse-reaction" },
  complaint: { title: "Presenting complaint", heading: "presenting-complaints-or-issues" },
  history: { title: "History of the event", heading: "history" },
  past: { title: "Past history", heading: "relevant-past-medical-surgical-and-mental-health-history" },
  medication: { title: "Current medication", heading: "active-medications" },
  observations: { title: "Observations", heading: "observations" },
  scales: { title: "NEWS2", heading: "assessment-scales" },
  investigations: { title: "ECG and other files", heading: "investigations-and-results" },
  treatment: { title: "Drugs given", heading: "treatments-and-interventions" },
  narrative: { title: "Notes and events", heading: "clinical-narrative" },
  plan: { title: "Destination, pre-alert and handover", heading: "plan-and-requested-actions" },
  struck: { title: "Struck", heading: "clinical-administration" },
} satisfies Record<string, Section>;
type SectionName = keyof typeof sections;

const sectionOfKind: Record<string, SectionName> = {
  incident: "incident",
  milestone: "incident",
  patient: "patient",
  allergies: "allergies",
  presentation: "complaint",
  observations: "observations",
  "spo2-scale": "scales",
  drug: "treatment",
  ecg: "investigations",
  destination: "plan",
  prealert: "plan",
  handover: "plan",
  acceptance: "plan",
  place: "plan",
};

const sectionsOf = (view: View, byLine: ByLine): CompositionSection[] => {
  const { record } = view;
  const lines = new Map<SectionName, RecordLine[]>();
  const entries = new Map<SectionName, Reference[]>([
    ["incident", [recordReference(view, "Encounter")]],
    ["patient", [recordReference(view, "Patient")]],
  ]);
  for (const [versions, resources] of byLine) {
    const name = isStruck(versions) ? "struck" : (sectionOfKind[versions.line.entry.kind] ?? "narrative");
    push(lines, name, versions.line);
    for (const resource of resources) push(entries, sectionOf(name, resource), refTo(resource));
  }
  const presentation = record.presentation?.body;
  const built: (CompositionSection | undefined)[] = [
    { ...heading("atmist"), text: atmistText(atmist(record, view.context.now)) },
  ];
  for (const name of Object.keys(sections) as SectionName[]) {
    if (name === "history") built.push(answerSection(name, presentation?.history));
    else if (name === "past") built.push(answerSection(name, presentation?.pastHistory));
    else if (name === "medication") built.push(answerSection(name, presentation?.medication));
    else if (name !== "atmist") built.push(lineSection(view, name, lines.get(name), entries.get(name)));
  }
  return built.filter((section) => section !== undefined);
};

/** Scores and files stand apart from the lines they came with. */
const sectionOf = (name: SectionName, resource: LineResource): SectionName => {
  if (name === "struck") return name;
  if (resource.resourceType === "DocumentReference") return "investigations";
  return resource.resourceType === "Observation" && resource.id?.endsWith("-news2") ? "scales" : name;
};

const heading = (name: SectionName): CompositionSection => {
  const { title, heading: code } = sections[name];
  return { title, code: { coding: [{ system: headings, code }], text: title } };
};

const refTo = ({ resourceType, id }: LineResource): Reference => ({ reference: `${resourceType}/${id}` });

const lineSection = (
  view: View,
  name: SectionName,
  lines: readonly RecordLine[] | undefined,
  entry: Reference[] | undefined,
): CompositionSection | undefined => {
  if (!lines && !entry) return undefined;
  return {
    ...heading(name),
    ...(lines && {
      text: table(
        ["When", "What", "Details", "By", "State"],
        lines.map((line) => row(view, line)),
      ),
    }),
    ...(entry && { entry }),
  };
};

const row = (view: View, line: RecordLine): string[] => {
  const { title, detail } = said(line, view.record);
  const { name, role } = line.entry.author;
  return [whenText(line.entry.occurredAt), title, detail, `${name}, ${role}`, stateText(line)];
};

/**
 * `Struck 22 Nov 2026 14:05 by A. Demo: wrong patient`, `Amended: typed twice`, `awaiting co-signature`, several of them with
 * semicolons; empty for a line as it was written.
 */
export const stateText = (line: RecordLine): string =>
  [changeText(line), coSignText(line, whenText)].filter(Boolean).join("; ");

const changeText = (line: RecordLine): string => {
  const strike = line.struckBy;
  if (strike) return `Struck ${whenText(strike.occurredAt)} by ${strike.author.name}: ${strike.ref?.reason ?? ""}`;
  if (line.disagrees) return "Two versions stand: ask the crew";
  return line.history.length > 0 ? `Amended by ${line.entry.author.name}: ${line.entry.ref?.reason ?? ""}` : "";
};

const answerSection = (name: SectionName, answer: { is: string } | No | undefined): CompositionSection | undefined =>
  answer && {
    ...heading(name),
    ...("is" in answer
      ? { text: paragraphs([answer.is]) }
      : { text: paragraphs([emptyReason(answer.no).text!]), emptyReason: emptyReason(answer.no) }),
  };

const atmistText = (atmistSections: readonly AtmistSection[]) =>
  table(
    ["", "", ""],
    atmistSections.map(({ letter, title, lines }) => [letter, title, lines.join(" · ")]),
  );

const push = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};
