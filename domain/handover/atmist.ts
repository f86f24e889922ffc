import { awaitingTexts } from "../co-signature/words.ts";
import { noWords } from "../entry/answer.ts";
import { clockText } from "../entry/clock.ts";
import { lineText, milestoneWords } from "../entry/compose.ts";
import { dosesGiven, drugTotals, totalText } from "../medication/totals.ts";
import { news2Of } from "../observations/news2.ts";
import { missingText, news2Text } from "../observations/news2-words.ts";
import { setParts } from "../observations/set-text.ts";
import { ageSexText } from "../patient/age.ts";
import { allergiesInRecord } from "../patient/allergy-words.ts";
import { nameText, nhsNumberText } from "../patient/patient-words.ts";
import { concernOf } from "../presentation/concern.ts";
import type { CareRecord, LineOf, RecordLine } from "../record.ts";
import { journeyOf } from "./journey.ts";

export interface AtmistSection {
  letter: "A" | "T" | "M" | "I" | "S";
  title: string;
  /** Never empty: a gap is said in words. */
  lines: string[];
}

/**
 * The handover, always ready, in the order it is spoken. What is not known is said to be so; what this version cannot
 * read is counted, so that nobody takes the list for the whole record.
 *
 * @param nowIso for the patient's age today
 */
export const atmist = (record: CareRecord, nowIso: string): AtmistSection[] => [
  { letter: "A", title: "Age and who", lines: ageLines(record, nowIso) },
  { letter: "T", title: "Time", lines: timeLines(record) },
  { letter: "M", title: "Mechanism or complaint", lines: mechanismLines(record) },
  { letter: "I", title: "Injuries or illness", lines: illnessLines(record) },
  { letter: "S", title: "Signs", lines: signLines(record) },
  { letter: "T", title: "Treatment", lines: treatmentLines(record) },
];

const ageLines = (record: CareRecord, now: string): string[] => {
  const patient = record.patient?.body;
  const ageSex = ageSexText(patient, now);
  const lines = [
    joined(capital(ageSex), nameText(patient) ?? "name not known", nhsNumberText(patient)),
    ...allergiesInRecord(record),
  ];
  if (patient?.pregnant && "is" in patient.pregnant && patient.pregnant.is) lines.push("Pregnant");
  if (record.patient?.disagreement.length) lines.push("Two versions of who the patient is stand in the record");
  return lines;
};

const timeLines = (record: CareRecord): string[] => {
  const lines: string[] = [];
  const onset = record.presentation?.body.onset;
  if (!onset) lines.push("Onset not recorded");
  else lines.push(`Onset ${"is" in onset ? clockText(onset.is) : noWords[onset.no].toLowerCase()}`);
  const times = record.milestones.map(
    ({ entry, known }) => `${milestoneWords[known.body.milestone]} ${clockText(known.body.at ?? entry.occurredAt)}`,
  );
  if (times.length > 0) lines.push(times.join(" · "));
  const eta = journeyOf(record)?.eta;
  if (eta) lines.push(`ETA ${clockText(eta)}`);
  return lines;
};

const mechanismLines = (record: CareRecord): string[] => {
  const mechanism = record.presentation?.body.mechanism;
  return mechanism ? [concernOf(record), mechanism] : [concernOf(record)];
};

const illnessLines = (record: CareRecord): string[] => {
  const body = record.presentation?.body;
  const answered = (label: string, answer: { is: string } | { no: keyof typeof noWords } | undefined) =>
    `${label}: ${!answer ? "not recorded" : "is" in answer ? answer.is : noWords[answer.no].toLowerCase()}`;
  return [
    body?.findings || "Findings not recorded",
    ...(body?.history ? [answered("History", body.history)] : []),
    answered("Past history", body?.pastHistory),
    answered("Medication", body?.medication),
  ];
};

const signLines = (record: CareRecord): string[] => {
  const sets = record.observations;
  const lines = sets.length === 0 ? ["No observations recorded"] : setLines(record, sets.at(-1)!, "Latest");
  if (sets.length > 1) lines.push(...setLines(record, sets[0]!, "First"));
  return [...lines, ...record.ecgs.map((line) => timed(line, record))];
};

const setLines = (record: CareRecord, line: LineOf<"observations">, which: string): string[] => {
  const score = news2Of(record, line);
  const missing = missingText(score);
  return [
    `${which} ${clockText(line.entry.occurredAt)} · ${news2Text(score)}${missing ? ` (${missing})` : ""}`,
    setParts(line.known.body).join(" · ") || "Nothing measured in this set",
  ];
};

const treatmentLines = (record: CareRecord): string[] => {
  const given: RecordLine[] = dosesGiven(record);
  const lines = [...given, ...record.events].map((line) => timed(line, record));
  if (given.length === 0) lines.unshift("No drugs recorded");
  const repeated = drugTotals(record).filter((total) => total.doses > 1);
  if (repeated.length > 0) lines.push(`Total: ${repeated.map(totalText).join("; ")}`);
  const unknown = record.unknown.length;
  if (unknown > 0)
    lines.push(
      `${unknown} ${unknown === 1 ? "entry" : "entries"} of a kind this version does not know: ask the crew, and see the record`,
    );
  return [...lines, ...awaitingTexts(record)];
};

const timed = (line: RecordLine, record: CareRecord): string => {
  const { title, detail } = lineText(line, record);
  return joined(`${clockText(line.entry.occurredAt)} ${title}`, detail);
};

const joined = (...parts: (string | undefined)[]): string => parts.filter(Boolean).join(" · ");
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
