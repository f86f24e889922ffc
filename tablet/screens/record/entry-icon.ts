import type { RecordLine } from "#domain/record.ts";
import type { IconName } from "#ui/icons.tsx";

const icons: Record<string, IconName> = {
  incident: "place",
  milestone: "milestone",
  patient: "person",
  allergies: "warning",
  presentation: "story",
  observations: "obs",
  "spo2-scale": "obs",
  drug: "drug",
  ecg: "ecg",
  note: "note",
  destination: "place",
  prealert: "prealert",
  handover: "handover",
  acceptance: "check",
  place: "place",
};
const events: readonly [RegExp, IconName][] = [
  [/^oxygen/i, "oxygen"],
  [/^(iv|io)\b/i, "iv"],
  [/airway|suction|ventil/i, "airway"],
  [/arrest|cpr|rosc|rhythm/i, "arrest"],
  [/shock/i, "shock"],
];

/** The picture beside a line's words. */
export const iconOf = ({ known, entry }: RecordLine): IconName => {
  if (known?.kind === "event") return events.find(([words]) => words.test(known.body.event))?.[1] ?? "clock";
  return icons[entry.kind] ?? "more";
};
