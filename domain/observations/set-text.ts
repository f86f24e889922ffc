import { gcsText } from "./gcs.ts";
import type { Observations, Vital } from "./observations.ts";
import { acvpuWords, notDoneWords, vitalText, vitalWords } from "./words.ts";

/**
 * The parts of a set as people read them out, in the order of the NEWS2 chart: `RR 22 /min`, `SpO₂ 94 % on air`,
 * `BP 102/64 mmHg`, `HR 108 /min`, `Alert`, `36.8 °C`, `Pain 7/10`. What was not done is said with its reason; what is not part of
 * the set is not mentioned.
 */
export const setParts = (obs: Observations): string[] => {
  const parts: (string | undefined)[] = [
    vitalPart(obs, "respirations"),
    saturationPart(obs),
    pressurePart(obs),
    vitalPart(obs, "pulse"),
    vitalPart(obs, "heartRate"),
    obs.acvpu && ("is" in obs.acvpu ? acvpuWords[obs.acvpu.is] : notDonePart("Consciousness", obs.acvpu)),
    obs.gcs && ("is" in obs.gcs ? gcsText(obs.gcs.is) : notDonePart("GCS", obs.gcs)),
    vitalPart(obs, "temperature"),
    vitalPart(obs, "pain"),
    vitalPart(obs, "glucose"),
    vitalPart(obs, "etco2"),
    vitalPart(obs, "capillaryRefill"),
  ];
  return parts.filter((part) => part !== undefined);
};

/** `RR 22 /min`; a temperature speaks for itself: `36.8 °C`. */
export const vitalPart = (obs: Observations, vital: Vital): string | undefined => {
  const reading = obs[vital];
  if (!reading) return undefined;
  if ("notDone" in reading) return notDonePart(vitalWords[vital].label, reading);
  const said = vitalText(vital, reading.value);
  return vital === "temperature" ? said : `${vitalWords[vital].short} ${said}`;
};

/** `SpO₂ 94 % on air`, `SpO₂ 91 % on oxygen 4 L/min`. */
const saturationPart = (obs: Observations): string | undefined => {
  const flow = obs.oxygenFlow && "value" in obs.oxygenFlow ? ` ${vitalText("oxygenFlow", obs.oxygenFlow.value)}` : "";
  const gas = obs.inspired && "is" in obs.inspired ? `on ${obs.inspired.is}${flow}` : flow && `on oxygen${flow}`;
  const saturation = vitalPart(obs, "spo2");
  return saturation && gas ? `${saturation} ${gas}` : (saturation ?? (gas || undefined));
};

/** `BP 102/64 mmHg`; a missing half is a dash, because a systolic by palpation has no diastolic. */
export const pressurePart = (obs: Observations): string | undefined => {
  const value = (vital: "systolic" | "diastolic") => {
    const reading = obs[vital];
    return reading && "value" in reading ? reading.value : undefined;
  };
  const [systolic, diastolic] = [value("systolic"), value("diastolic")];
  if (systolic !== undefined || diastolic !== undefined) return `BP ${systolic ?? "–"}/${diastolic ?? "–"} mmHg`;
  const notDone = obs.systolic ?? obs.diastolic;
  return notDone && "notDone" in notDone ? notDonePart("Blood pressure", notDone) : undefined;
};

const notDonePart = (
  label: string,
  { notDone, why }: { notDone: keyof typeof notDoneWords; why?: string | undefined },
) => `${label} ${notDoneWords[notDone]}${why ? ` (${why})` : ""}`;
