import type { CareRecord } from "../record.ts";
import type { Observations, Vital } from "./observations.ts";
import { acvpuWords, vitalText, vitalWords } from "./words.ts";

export interface LatestReading {
  label: string;
  text: string;
  /** When this one was measured. */
  at: string;
}

/**
 * The six readings of the board, each the latest that was measured and with its own time: a set without a temperature
 * does not hide the one taken before. Oldest sets are looked at last.
 */
export const latestReadings = (record: CareRecord): LatestReading[] => {
  const found: (LatestReading | undefined)[] = [
    latest(record, (obs) => single(obs, "respirations")),
    latest(record, saturation),
    latest(record, pressure),
    latest(record, (obs) => single(obs, "pulse") ?? single(obs, "heartRate")),
    latest(record, consciousness),
    latest(record, (obs) => single(obs, "temperature")),
  ];
  return found.filter((reading) => reading !== undefined);
};

type Found = { label: string; text: string; at: string | undefined } | undefined;

const latest = (record: CareRecord, pick: (obs: Observations) => Found): LatestReading | undefined => {
  for (let i = record.observations.length - 1; i >= 0; i--) {
    const line = record.observations[i]!;
    const found = pick(line.known.body);
    if (found) return { label: found.label, text: found.text, at: found.at ?? line.entry.occurredAt };
  }
  return undefined;
};

const single = (obs: Observations, vital: Vital): Found => {
  const reading = obs[vital];
  if (!reading || !("value" in reading)) return undefined;
  return { label: vitalWords[vital].short, text: vitalText(vital, reading.value), at: reading.at };
};

const saturation = (obs: Observations): Found => {
  const found = single(obs, "spo2");
  const gas = obs.inspired && "is" in obs.inspired ? ` ${obs.inspired.is}` : "";
  return found && { ...found, text: found.text + gas };
};

const pressure = (obs: Observations): Found => {
  const { systolic, diastolic } = obs;
  if (!systolic || !("value" in systolic)) return undefined;
  const low = diastolic && "value" in diastolic ? diastolic.value : "–";
  return { label: "BP", text: `${systolic.value}/${low} mmHg`, at: systolic.at };
};

const consciousness = (obs: Observations): Found =>
  obs.acvpu && "is" in obs.acvpu ? { label: "ACVPU", text: acvpuWords[obs.acvpu.is], at: obs.acvpu.at } : undefined;
