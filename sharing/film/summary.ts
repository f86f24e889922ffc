import * as z from "zod/mini";
import { instant, shortText, uuid } from "#domain/entry/entry.ts";
import { longestWithin } from "#domain/entry/longest-within.ts";
import { latestReadings } from "#domain/observations/latest.ts";
import { news2Of } from "#domain/observations/news2.ts";
import { news2Text } from "#domain/observations/news2-words.ts";
import { ageSexText } from "#domain/patient/age.ts";
import { allergiesInRecord } from "#domain/patient/allergy-words.ts";
import { nameText, nhsNumberText } from "#domain/patient/patient-words.ts";
import { concernOf } from "#domain/presentation/concern.ts";
import type { CareRecord } from "#domain/record.ts";

/**
 * What the first symbol of a film holds, and a printed page's: enough to begin with, and never the record. Allergies come whole
 * or say that they were cut.
 */
export const filmSummary = z.object({
  recordId: uuid,
  madeAt: instant,
  callSign: shortText,
  who: shortText,
  concern: shortText,
  /** Whole, or with words that they were cut. */
  allergies: shortText,
  news2: shortText,
  readings: shortText,
  /** Entries in the whole record. */
  entries: z.int(),
  demonstration: z.boolean(),
});
export type FilmSummary = z.infer<typeof filmSummary>;

/** Characters of each part; the allergies have twice as many. */
export const summaryCharacters = [90, 45, 20] as const;

/** @param charactersMax for names in letters of three bytes even 90 a part can be more than a symbol holds: then fewer */
export const filmSummaryOf = (
  record: CareRecord,
  madeAt: string,
  charactersMax: number = summaryCharacters[0],
): FilmSummary => {
  const clip = (text: string, cut = "…", max = charactersMax): string =>
    text.length <= max ? text : `${longestWithin(text, Math.max(1, max - cut.length))}${cut}`;
  const patient = record.patient?.body;
  const latest = record.observations.at(-1);
  const readings = latestReadings(record).map(({ label, text }) => `${label} ${text}`);
  return {
    recordId: record.recordId,
    madeAt,
    callSign: clip(record.incident?.body.callSign || "Call sign not known"),
    who: clip(
      [nameText(patient) ?? "Name not known", ageSexText(patient, madeAt), nhsNumberText(patient)]
        .filter(Boolean)
        .join(" · "),
    ),
    concern: clip(concernOf(record)),
    allergies: clip(allergiesInRecord(record).join(" / "), " and more: ask the crew", 2 * charactersMax),
    news2: clip(latest ? news2Text(news2Of(record, latest)) : "No observations recorded"),
    readings: clip(readings.join(" · ")),
    entries: Object.values(record.heads).reduce((sum, n) => sum + n, 0),
    demonstration: record.incident?.body.demonstration === true,
  };
};

/** The summary's lines as people read them, on a screen and in a printed page's code. */
export const summaryLines = (summary: FilmSummary): string[] =>
  [
    `${summary.callSign} · ${summary.concern}`,
    summary.who,
    summary.allergies,
    [summary.news2, summary.readings].filter(Boolean).join(" · "),
  ].filter(Boolean);
