import { pick } from "#demo/random.ts";
import type { PaperForm } from "#domain/paper/form.ts";

/** A slip of a finger: another digit, or two neighbours swapped. May come out as it was. */
export const slip = (text: string, random: () => number): string => {
  const places = [...text].flatMap((sign, at) => (/\d/.test(sign) ? [at] : []));
  const at = pick(places, random);
  if (random() < 0.5) return text.slice(0, at) + String(Math.floor(random() * 10)) + text.slice(at + 1);
  const next = text[at + 1];
  return next === undefined ? text : text.slice(0, at) + next + text[at] + text.slice(at + 2);
};

/** The form as a tired clerk reads it: one thing on it is wrong. */
export const misread = (form: PaperForm, random: () => number): PaperForm => {
  const { patient, drugs } = form;
  const wrongs: (() => PaperForm)[] = [
    () => ({ ...form, patient: { ...patient, familyName: `${patient.familyName}s` } }),
    () => ({ ...form, patient: { ...patient, birthDate: { is: "1949-12-31" } } }),
    () => ({ ...form, patient: { ...patient, nhsNumber: { is: "9999999999" } } }),
    () => ({ ...form, allergies: { allergies: { no: "not-asked" } } }),
    () => ({ ...form, cadNumber: "CAD 1" }),
    () => ({
      ...form,
      drugs: drugs.map((drug) => ({ ...drug, given: { ...drug.given, dose: { value: "7.5", unit: "mg" } } })),
    }),
  ];
  return pick(wrongs, random)();
};
