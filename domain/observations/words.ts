import type { Vital } from "./observations.ts";

/** How people write a vital: its full name, the short one, the unit behind the number, and how many decimals a chart has. */
export interface VitalWords {
  label: string;
  short: string;
  unit: string;
}

export const vitalWords: Record<Vital, VitalWords> = {
  respirations: { label: "Respirations", short: "RR", unit: "/min" },
  spo2: { label: "Oxygen saturation", short: "SpO₂", unit: "%" },
  systolic: { label: "Systolic blood pressure", short: "SBP", unit: "mmHg" },
  diastolic: { label: "Diastolic blood pressure", short: "DBP", unit: "mmHg" },
  pulse: { label: "Pulse", short: "Pulse", unit: "/min" },
  heartRate: { label: "Heart rate", short: "HR", unit: "/min" },
  temperature: { label: "Temperature", short: "Temp", unit: "°C" },
  pain: { label: "Pain", short: "Pain", unit: "/10" },
  glucose: { label: "Blood glucose", short: "BM", unit: "mmol/L" },
  etco2: { label: "End-tidal CO₂", short: "EtCO₂", unit: "kPa" },
  capillaryRefill: { label: "Capillary refill", short: "CRT", unit: "s" },
  oxygenFlow: { label: "Oxygen flow", short: "O₂", unit: "L/min" },
};

export const acvpuWords: Record<"A" | "C" | "V" | "P" | "U", string> = {
  A: "Alert",
  C: "New confusion",
  V: "Responds to voice",
  P: "Responds to pain",
  U: "Unresponsive",
};

export const notDoneWords: Record<"refused" | "not-possible" | "not-needed" | "no-equipment", string> = {
  refused: "refused",
  "not-possible": "not possible",
  "not-needed": "not needed",
  "no-equipment": "no equipment",
};

/** UCUM code → what people write; a code not listed is shown as it is. */
const unitWords: Record<string, string> = {
  ug: "microgram",
  mcg: "microgram",
  ng: "nanogram",
  "mm[Hg]": "mmHg",
  Cel: "°C",
  "[iU]": "units",
  "[IU]": "units",
  U: "units",
  mL: "ml",
  "mg/mL": "mg/ml",
  "ug/mL": "microgram/ml",
  "ug/kg": "microgram/kg",
  "{score}": "/10",
};

/** Micrograms are spelt out: "mcg" and "µg" are misread for milligrams. */
export const unitText = (ucum: string): string => (Object.hasOwn(unitWords, ucum) ? unitWords[ucum]! : ucum);

/** `94 %`, `22 /min`, `7/10`. */
export const vitalText = (vital: Vital, value: string): string => {
  const { unit } = vitalWords[vital];
  return vital === "pain" ? `${value}${unit}` : `${value} ${unit}`;
};
