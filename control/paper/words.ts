import type { FormState, matchWhys } from "#protocol/control/paper.ts";

export const stateWords: Record<FormState, string> = {
  "in-store": "In the store: its pack was not given out",
  out: "▲ Out: nothing heard of it",
  waiting: "● Waits for its second person",
  "sent-back": "▲ Sent back: to be typed again",
  checked: "● Checked, on its way into the record",
  entered: "✓ Entered",
  void: "Void",
  lost: "Lost",
  "not-used": "Not used",
};

export const whyWords: Record<(typeof matchWhys)[number], string> = {
  "nhs-number": "same NHS number",
  "cad-number": "same CAD number",
  "name-and-birth-date": "same name and birth date, near the time",
};

/** How long something has stood so: `3 h`, `2 days`. */
export const ageText = (since: string, nowMs: number): string => {
  const hours = Math.max(0, Math.floor((nowMs - Date.parse(since)) / 3_600_000));
  if (hours < 1) return "under 1 h";
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
};
