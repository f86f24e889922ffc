import { coSignText } from "#domain/co-signature/words.ts";
import { clockText } from "#domain/entry/clock.ts";
import { gcsText } from "#domain/observations/gcs.ts";
import { news2Of } from "#domain/observations/news2.ts";
import { missingText, news2Text } from "#domain/observations/news2-words.ts";
import type { Observations, Vital } from "#domain/observations/observations.ts";
import { acvpuWords, notDoneWords, vitalText, vitalWords } from "#domain/observations/words.ts";
import type { CareRecord, LineOf } from "#domain/record.ts";
import { sentence } from "../said.ts";
import { whenText } from "../when.ts";
import { ageWords } from "./age-words.ts";
import type { PageBlock, PageRow } from "./page-model.ts";

const columns = [
  { title: "When", width: 0.13 },
  { title: "RR /min", width: 0.08 },
  { title: "SpO₂", width: 0.12 },
  { title: "BP mmHg", width: 0.12 },
  { title: "Pulse /min", width: 0.09 },
  { title: "ACVPU", width: 0.09 },
  { title: "Temp °C", width: 0.08 },
  { title: "NEWS2", width: 0.1 },
  { title: "Also measured", width: 0.19 },
];

/** Sets that stand, oldest first; the last says how old it was when the page was printed. */
export const observationTable = (record: CareRecord, now: string): PageBlock[] => {
  const sets = record.observations;
  if (sets.length === 0) return [];
  const rows = sets.map((line, at) => row(record, line, at === sets.length - 1 ? now : undefined));
  return [{ block: "table", heading: "Observations", columns, rows }];
};

/** @param now for the last set */
const row = (record: CareRecord, line: LineOf<"observations">, now: string | undefined): PageRow => {
  const obs = line.known.body;
  const at = line.entry.occurredAt;
  const value = (vital: Vital) => readingText(obs[vital], at);
  const news2 = news2Of(record, line);
  const missing = missingText(news2);
  const notes = [
    missing && `NEWS2 ${missing}.`,
    now && `Last set, ${ageWords(at, now)}.`,
    line.coSign && sentence(coSignText(line, whenText)),
  ].filter(Boolean);
  return {
    cells: [
      `${whenText(at)} ${line.entry.author.name}`,
      value("respirations"),
      [value("spo2") && `${value("spo2")} %`, inspiredText(obs, at)].filter(Boolean).join(" "),
      [value("systolic"), value("diastolic")].some(Boolean)
        ? `${value("systolic") || "–"}/${value("diastolic") || "–"}`
        : "",
      [value("pulse"), value("heartRate") && `HR ${value("heartRate")}`].filter(Boolean).join(" "),
      obs.acvpu ? ("is" in obs.acvpu ? acvpuWords[obs.acvpu.is] + ownTime(obs.acvpu.at, at) : notDone(obs.acvpu)) : "",
      value("temperature"),
      news2Text(news2).replace("NEWS2 ", ""),
      alsoText(obs, at),
    ],
    ...(notes.length > 0 && { note: notes.join(" ") }),
  };
};

type Part = Observations[Vital];
const readingText = (part: Part, setAt: string): string =>
  part ? ("value" in part ? part.value + ownTime(part.at, setAt) : notDone(part)) : "";

/** A reading of another minute than its set says so. */
const ownTime = (at: string | undefined, setAt: string): string =>
  at === undefined || clockText(at) === clockText(setAt) ? "" : ` (${clockText(at)})`;

const notDone = (part: { notDone: keyof typeof notDoneWords; why?: string | undefined }): string =>
  [notDoneWords[part.notDone], part.why].filter(Boolean).join(": ");

const inspiredText = (obs: Observations, setAt: string): string => {
  if (!obs.inspired) return readingText(obs.oxygenFlow, setAt) && `on ${readingText(obs.oxygenFlow, setAt)} L/min`;
  if (!("is" in obs.inspired)) return `air or oxygen ${notDone(obs.inspired)}`;
  const flow = readingText(obs.oxygenFlow, setAt);
  return `on ${obs.inspired.is}${flow ? ` ${flow} L/min` : ""}`;
};

const alsoText = (obs: Observations, setAt: string): string => {
  const parts = (["pain", "glucose", "etco2", "capillaryRefill"] as const).map((vital) => {
    const part = obs[vital];
    if (!part) return "";
    const said = "value" in part ? vitalText(vital, part.value) + ownTime(part.at, setAt) : notDone(part);
    return `${vitalWords[vital].short} ${said}`;
  });
  const gcs = obs.gcs && ("is" in obs.gcs ? gcsText(obs.gcs.is) : `GCS ${notDone(obs.gcs)}`);
  return [...parts, gcs].filter(Boolean).join("; ");
};
