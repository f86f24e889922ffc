import { awaitingTexts } from "../co-signature/words.ts";
import { dosesGiven } from "../medication/totals.ts";
import { news2Of } from "../observations/news2.ts";
import { missingText } from "../observations/news2-words.ts";
import type { CareRecord } from "../record.ts";

export interface ToFinish {
  /** The entry to open; null: nothing of this kind has been written yet. */
  entryId: string | null;
  text: string;
  /** Finished where co-signatures are given. */
  coSign?: true;
}

/** The soft list: what a reader will miss. It blocks nothing, and least of all a handover. */
export const toFinish = (record: CareRecord): ToFinish[] => {
  const list: ToFinish[] = [];
  const add = (entryId: string | null, text: string) => list.push({ entryId, text });

  if (!record.patient) add(null, "Patient: who is it, or say unknown");
  else if (!record.patient.body.birthDate && record.patient.body.ageYears === undefined)
    if (!record.patient.body.ageGroup) add(record.patient.entry.id, "Patient: age, or adult or child");
  const allergies = record.allergies?.body.allergies;
  if (!allergies || ("no" in allergies && allergies.no === "not-asked"))
    add(record.allergies?.entry.id ?? null, "Allergies: not asked yet");
  if (!record.presentation) add(null, "Presentation: the main concern");

  for (const { entry, known } of dosesGiven(record)) {
    const { drug, dose, route } = known.body;
    const lacking = [!dose && "dose", !route && "route"].filter(Boolean);
    if (lacking.length > 0) add(entry.id, `${drug}: ${lacking.join(" and ")}`);
  }
  for (const { entry, known } of record.events) {
    const lacking = known.body.toFinish ?? (isLine(known.body.event) && !known.body.detail ? ["size", "site"] : []);
    if (lacking.length > 0) add(entry.id, `${known.body.event}: ${lacking.join(" and ")}`);
  }
  const latest = record.observations.at(-1);
  if (!latest) add(null, "Observations: none yet");
  else {
    const score = news2Of(record, latest);
    if ("missing" in score) add(latest.entry.id, `NEWS2 ${missingText(score)}`);
  }
  for (const { entry } of record.ecgs) if (!entry.blobs?.length) add(entry.id, "ECG: recording not attached");
  for (const [name, field] of disputed(record)) add(field.entry.id, `${name}: two versions stand, say which`);
  for (const line of record.lines)
    if (line.disagrees && line.state === "current" && listKinds.has(line.entry.kind))
      add(line.entry.id, "Amended twice, say which version stands");
  for (const text of awaitingTexts(record)) list.push({ entryId: null, text, coSign: true });
  return list;
};

/** Intravenous or intraosseous access on the quick-log bar. */
const isLine = (event: string): boolean => /^(iv|io|cannula)\b/i.test(event);

const listKinds: ReadonlySet<string> = new Set(["drug", "observations", "ecg"]);

const disputed = (record: CareRecord) => {
  const fields = [
    ["Patient", record.patient],
    ["Allergies", record.allergies],
    ["Presentation", record.presentation],
  ] as const;
  return fields.flatMap(([name, field]) => (field && field.disagreement.length > 0 ? [[name, field] as const] : []));
};
