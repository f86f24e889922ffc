import type { FindBy } from "#protocol/find.ts";
import { reasonLengthMax } from "#protocol/reason.ts";
import { readBirthDate } from "./birth-date.ts";

/** Whom to look up, as typed: a half-typed number must not be lost. */
export interface LookUp {
  by: "nhs-number" | "name";
  nhsNumber: string;
  familyName: string;
  birthDate: string;
  /** Why, in the words that the trust's desk reads. */
  reason: string;
}
export const lookUpWays = [
  { value: "nhs-number", label: "NHS number" },
  { value: "name", label: "Surname and date of birth" },
] as const satisfies readonly { value: LookUp["by"]; label: string }[];
export const noLookUp: LookUp = { by: "nhs-number", nhsNumber: "", familyName: "", birthDate: "", reason: "" };

/** As the base takes it, or what is still missing, in plain words. */
export const readLookUp = (form: LookUp): { by: FindBy; reason: string } | { lacks: string } => {
  const reason = form.reason.trim();
  const nhsNumber = form.nhsNumber.replaceAll(/[\s-]/g, "");
  const familyName = form.familyName.trim();
  const birthDate = readBirthDate(form.birthDate);
  if (form.by === "nhs-number" && !/^\d{10}$/.test(nhsNumber)) return { lacks: "An NHS number has ten digits." };
  if (form.by === "name" && familyName === "") return { lacks: "Type the surname." };
  if (form.by === "name" && birthDate === undefined) return { lacks: "Type the date of birth, like 14 03 1954." };
  if (reason.length < 3) return { lacks: "Say why you look: a tap on a reason is enough." };
  if (reason.length > reasonLengthMax) return { lacks: `Say why in at most ${reasonLengthMax} letters.` };
  return { by: form.by === "nhs-number" ? { nhsNumber } : { familyName, birthDate: birthDate! }, reason };
};

/** Chips for the usual reasons; own words go beside them. */
export const usualReasons = {
  crew: ["Patient is in front of me", "Called back to the same patient", "Taking over from another crew"],
  hospital: ["Patient is in front of me", "Diverted here on the way", "Expected at another site"],
} as const;

/** What stands over a record that was opened so, for as long as it is open. */
export const glassWords = (whose: string): string => `Opened by break-glass; ${whose}'s desk will look at it`;
