import { awaitingTexts, coSignText } from "#domain/co-signature/words.ts";
import { lineText } from "#domain/entry/compose.ts";
import { atmist } from "#domain/handover/atmist.ts";
import { ageSexText } from "#domain/patient/age.ts";
import { allergiesInRecord } from "#domain/patient/allergy-words.ts";
import { identityWords, nameText, nhsNumberText } from "#domain/patient/patient-words.ts";
import { type CareRecord, fold } from "#domain/record.ts";
import { filmSummaryOf, summaryLines } from "../film/summary.ts";
import type { LogLine } from "../log-line.ts";
import { exactWhenText, whenText } from "../when.ts";
import { ageWords } from "./age-words.ts";
import { drugTable } from "./drug-table.ts";
import { observationTable } from "./observation-table.ts";
import { timelineTable } from "./timeline-table.ts";

/** One row of a printed table. */
export interface PageRow {
  cells: string[];
  /** Printed with a line through it, and readable. */
  struck?: boolean;
  /** Below the row, over its whole width: who struck or amended it, when and why. */
  note?: string;
}
export interface PageTable {
  block: "table";
  heading: string;
  columns: { title: string /** Share of the width; all shares make 1. */; width: number }[];
  rows: PageRow[];
}
export type PageBlock =
  | PageTable
  | { block: "facts"; heading: string; facts: { label: string; lines: string[] }[] }
  | { block: "warning"; lines: string[] }
  /** A QR code to draw: what a camera reads of the page where nobody can type it all. */
  | { block: "code"; text: string; words: string }
  /** A recording to draw, if its bytes are here. */
  | { block: "ecg"; heading: string; sha256: string };

/** The printed record, without any measure of paper: what stands on it, in its order. */
export interface PageModel {
  title: string;
  demonstration: boolean;
  /** On every page, so that a loose sheet finds back to its patient. */
  patient: string;
  reference: string;
  /** What the page is worth: until when it knows, and when it was printed. */
  asOf: string;
  /** At the foot of every page: that the standby printed it, and as of when; absent at a base. */
  fromStandby?: string;
  blocks: PageBlock[];
}

/**
 * The printed page of a record: ATMIST first, then everything, with what was struck readable.
 *
 * @param now instant of printing; every age on the page is the age then
 * @param standby where a standby prints: when the base received the last that it has of it
 */
export const pageModel = (
  lines: readonly LogLine[],
  trustName: string,
  now: string,
  standby?: { asOf: string | null },
): PageModel => {
  const record = fold(lines.map(({ entry }) => entry));
  const newest = lines.at(-1);
  const incident = record.incident?.body;
  return {
    title: "Ambulance record",
    demonstration: incident?.demonstration === true,
    patient: patientText(record, now),
    reference: [
      trustName,
      incident?.callSign,
      incident?.cadNumber && `CAD ${incident.cadNumber}`,
      `record ${record.recordId}`,
    ]
      .filter(Boolean)
      .join(" · "),
    asOf: `Printed ${whenText(now)}${standby ? standbyHolds(standby) : newest ? ` · holds what the base had received by ${whenText(newest.received)}` : ""}`,
    ...(standby && { fromStandby: `Printed from the standby: as of ${exactWhenText(standby.asOf ?? "nothing yet")}` }),
    blocks: [
      { block: "warning", lines: warnings(record) },
      codeOf(record, now),
      {
        block: "facts",
        heading: "Handover (ATMIST)",
        facts: atmist(record, now).map(({ letter, title, lines }) => ({ label: `${letter}  ${title}`, lines })),
      },
      ...attendance(record, now),
      ...observationTable(record, now),
      ...drugTable(record),
      ...ecgs(record),
      ...timelineTable(record),
    ],
  };
};

const standbyHolds = ({ asOf }: { asOf: string | null }): string =>
  ` from the standby · holds what the base had received by ${asOf === null ? "no time: nothing of it came" : exactWhenText(asOf)}, and what reached the standby alone`;

/** The summary and the record's id: the page is then found by a camera, and read where only paper came. */
const codeOf = (record: CareRecord, now: string): PageBlock => {
  const summary = filmSummaryOf(record, now);
  const text = ["HOLDFAST", `record ${record.recordId}`, ...summaryLines(summary), `as of ${whenText(now)}`].join("\n");
  return { block: "code", text, words: "The summary and the record's id, for a camera" };
};

const patientText = (record: CareRecord, now: string): string => {
  const patient = record.patient?.body;
  return [
    nameText(patient) ?? "Name not known",
    ageSexText(patient, now),
    nhsNumberText(patient) ?? "NHS number not recorded",
    patient ? identityWords[patient.identity] : "Identity not recorded",
  ].join(" · ");
};

/** What must not be missed, whoever reads nothing else. */
const warnings = (record: CareRecord): string[] => [
  ...allergiesInRecord(record),
  ...awaitingTexts(record).map((text) => `${text}.`),
  ...(record.patient?.disagreement.length
    ? ["Two versions of who the patient is stand in this record: ask the crew."]
    : []),
  ...(record.unknown.length > 0
    ? [
        `${record.unknown.length === 1 ? "1 entry" : `${record.unknown.length} entries`} of a kind this version does not know: see the timeline.`,
      ]
    : []),
];

const attendance = (record: CareRecord, now: string): PageBlock[] => {
  const standing = [
    ...(record.destination ? [record.destination] : []),
    ...(record.acceptance ? [record.acceptance] : []),
  ];
  const facts = [
    ...(record.incident
      ? [{ label: "Incident", lines: [lineWords(record, record.incident.entry.id)] }]
      : [{ label: "Incident", lines: ["Not recorded"] }]),
    ...record.milestones.map((line) => ({
      label: lineText(line, record).title,
      lines: [whenText(line.known.body.at ?? line.entry.occurredAt)],
    })),
    ...standing.map(({ entry }) => ({
      label: entry.kind === "acceptance" ? "Accepted" : "Destination",
      lines: [lineWords(record, entry.id), `${whenText(entry.occurredAt)}, ${ageWords(entry.occurredAt, now)}`],
    })),
    ...(record.acceptance ? [] : [{ label: "Accepted", lines: ["Nobody has accepted this patient yet"] }]),
  ];
  return [{ block: "facts", heading: "Attendance", facts }];
};

const lineWords = (record: CareRecord, id: string): string => {
  const line = record.lines.find(({ entry }) => entry.id === id)!;
  const { title, detail } = lineText(line, record);
  return [title, detail].filter(Boolean).join(" · ");
};

const ecgs = (record: CareRecord): PageBlock[] =>
  record.ecgs.flatMap((line) => {
    const [blob] = line.entry.blobs ?? [];
    const { title, detail } = lineText(line, record);
    const by = [line.entry.author.name, coSignText(line, whenText)].filter(Boolean).join(", ");
    const heading = [title, whenText(line.entry.occurredAt), by, detail].filter(Boolean).join(" · ");
    return blob ? [{ block: "ecg" as const, heading, sha256: blob.sha256 }] : [];
  });
