import { clockText, minutesBetween } from "../entry/clock.ts";
import type { Quantity } from "../entry/quantity.ts";
import { allergyText } from "../patient/allergy-words.ts";
import type { CareRecord } from "../record.ts";
import { quantityText, sameAmount } from "./dose.ts";
import type { Drug } from "./medication.ts";
import { dosesGiven, drugKey } from "./totals.ts";

export interface Guard {
  /** Stable name, for `overrides` in the drug's body. */
  guard: "allergy" | "allergies-unanswered" | "dose" | "repeat" | "other-device";
  message: string;
}

export interface GuardContext {
  /** From the formulary item: substances whose allergy speaks, and its dose chips. */
  allergens: readonly string[];
  doses: readonly Quantity[];
  /** When it would be given, and the device that asks. */
  at: string;
  deviceId: string;
  /** Shortest time between two doses by one device. */
  repeatMinutes?: number;
}

/** Two tablets at one patient: the same drug on both within this time is likely one dose written twice, or given twice. */
const otherDeviceMinutes = 5;

/**
 * What must be said before this drug is given. Each can be passed with a reason; none of them stops it, and what was
 * given is always recorded.
 */
export const guardsBeforeGiving = (record: CareRecord, drug: Drug, context: GuardContext): Guard[] => [
  ...allergyGuards(record, drug, context.allergens),
  ...doseGuards(drug, context.doses),
  ...repeatGuards(record, drug, context),
];

const allergyGuards = (record: CareRecord, drug: Drug, allergens: readonly string[]): Guard[] => {
  // Every list that stands is read, not only the one shown: an allergy that one of two tablets wrote must speak.
  const lists = record.allergyLists.map((line) => line.known.body.allergies);
  const known = lists.flatMap((list) => ("is" in list ? list.is : []));
  const guards: Guard[] = [];
  for (const allergy of known) {
    if (![drug.drug, ...allergens].some((substance) => namesAlike(substance, allergy.substance))) continue;
    const text = allergyText({ allergies: { is: [allergy] } });
    guards.push({ guard: "allergy", message: `Allergy recorded: ${text}. ${drug.drug} may be unsafe.` });
  }
  const answered = lists.some((list) => "is" in list || list.no === "none");
  if (!answered)
    guards.push({
      guard: "allergies-unanswered",
      message: `${allergyText(record.allergies?.body)}. Ask before giving ${drug.drug}.`,
    });
  return guards;
};

/** One name within the other ("penicillin", "Penicillins"); fewer than three letters match only exactly. */
const namesAlike = (a: string, b: string): boolean => {
  const [x, y] = [drugKey(a), drugKey(b)];
  const [shorter, longer] = x.length <= y.length ? [x, y] : [y, x];
  return shorter.length < 3 ? shorter === longer : longer.includes(shorter);
};

const doseGuards = ({ drug, dose }: Drug, doses: readonly Quantity[]): Guard[] => {
  if (!dose || doses.length === 0 || doses.some((usual) => sameAmount(usual, dose))) return [];
  const usual = doses.map(quantityText).join(", ");
  return [{ guard: "dose", message: `${drug} ${quantityText(dose)} is not a dose of the formulary (${usual}).` }];
};

const repeatGuards = (record: CareRecord, drug: Drug, context: GuardContext): Guard[] => {
  const guards: Guard[] = [];
  const given = dosesGiven(record).filter((line) => drugKey(line.known.body.drug) === drugKey(drug.drug));
  for (const { entry, known } of given) {
    const minutes = Math.abs(minutesBetween(entry.occurredAt, context.at));
    const dose = known.body.dose ? ` ${quantityText(known.body.dose)}` : "";
    const said = `${drug.drug}${dose} was given at ${clockText(entry.occurredAt)}`;
    if (entry.deviceId !== context.deviceId && minutes <= otherDeviceMinutes)
      guards.push({ guard: "other-device", message: `${said}, written on another device by ${entry.author.name}.` });
    else if (minutes < (context.repeatMinutes ?? otherDeviceMinutes))
      guards.push({ guard: "repeat", message: `${said}, ${minutes} min ago.` });
  }
  return guards;
};
