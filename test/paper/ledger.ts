import { pick } from "#demo/random.ts";
import type { PaperForm } from "#domain/paper/form.ts";
import { blankForm } from "../paper-forms.ts";

/** What truly happened to one printed form: known to the simulation alone, and what it judges by. */
export interface TrueForm {
  number: string;
  fate: "used" | "void" | "lost" | "not-used";
  /** What is written on it, if it was used. */
  paper: PaperForm;
  /** A tablet made a record of the same contact before it failed. */
  meanwhile?: { cadNumber: string };
}

/** Ten digits whose check digit is right, from 999…, which is never issued. */
const nhsNumber = (serial: number): string => {
  for (let body = 999_000_000 + serial; ; body += 100_000) {
    const digits = [...String(body)].map(Number);
    const check = (11 - (digits.reduce((sum, digit, i) => sum + digit * (10 - i), 0) % 11)) % 11;
    if (check !== 10) return `${body}${check}`;
  }
};

const surnames = ["Testcase", "Sampleton", "Mockford", "Demoray", "Examplar", "Fixture"];

const fateOf = (roll: number): TrueForm["fate"] =>
  roll < 0.82 ? "used" : roll < 0.88 ? "void" : roll < 0.93 ? "lost" : "not-used";

/** A day on paper, whole and true. */
export const writeLedger = (numbers: readonly string[], random: () => number): TrueForm[] =>
  numbers.map((number, i) => {
    const fate = fateOf(random());
    const hasTablet = fate === "used" && random() < 0.1;
    const cadNumber = `CAD ${40_000 + i}`;
    const at = new Date(Date.UTC(2026, 0, 15, 8) + i * 60_000).toISOString();
    const day = String(1 + (i % 28)).padStart(2, "0");
    const paper = blankForm({
      at,
      cadNumber,
      patient: {
        identity: "stated",
        familyName: `${pick(surnames, random)}${i}`,
        birthDate: { is: `19${50 + (i % 40)}-0${1 + (i % 9)}-${day}` },
        // Not everybody knows theirs.
        nhsNumber: random() < 0.8 ? { is: nhsNumber(i) } : { no: "not-known" },
      },
      allergies: { allergies: random() < 0.5 ? { no: "none" } : { is: [{ substance: "Penicillin" }] } },
      drugs: [{ at, given: { drug: "Aspirin", dose: { value: String(75 + (i % 4) * 75), unit: "mg" } } }],
      notes: `Form ${i} of the day`,
    });
    return { number, fate, paper, ...(hasTablet && { meanwhile: { cadNumber } }) };
  });
