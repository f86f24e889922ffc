import type { HarmReviewed, Missing, MissingKind } from "#protocol/control/outages.ts";

const missingWords: Record<MissingKind, string> = {
  "look-up": "Look-up failed",
  "handover-late": "Handover late",
  "handover-undelivered": "Handover not delivered",
  "ecg-late": "ECG late",
  "ecg-undelivered": "ECG not delivered",
  paper: "On paper",
  "late-entries": "Entries late",
  "kept-aside": "Entries kept aside",
  unreadable: "Lines that cannot be read",
};

/** `Entries late: 3, the longest 2 h 5 min`. */
export const missingInWords = ({ what, count, minutes }: Missing): string => {
  const many = count > 1 ? `: ${count}` : "";
  if (minutes === undefined) return `${missingWords[what]}${many}`;
  return `${missingWords[what]}${many}${count > 1 ? ", the longest" : ","} ${lengthInWords(minutes)}`;
};

const lengthInWords = (minutes: number): string => {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return hours === 0 ? `${rest} min` : `${hours} h ${rest} min`;
};

export const outcomeWords: Record<HarmReviewed["outcome"], string> = {
  "no-harm": "No harm came of it",
  "follow-up": "Somebody speaks with the patient, the crew or the hospital",
  harm: "It may have harmed: reported as an incident",
};
