import type { Author } from "#domain/entry/entry.ts";
import type { Quantity } from "#domain/entry/quantity.ts";
import type { Guard } from "#domain/medication/guards.ts";
import type { Drug } from "#domain/medication/medication.ts";
import { drugKey } from "#domain/medication/totals.ts";
import type { FormularyItem } from "#protocol/enrolment.ts";

/** A drug being given. Each choice that leaves no other is made by itself. */
export interface DrugForm {
  drug: string | null;
  item: FormularyItem | null;
  dose: Quantity | null;
  route: string | null;
  indication: string;
  witness: Author | null;
  givenBy: NonNullable<Drug["givenBy"]>;
  minutesAgo: 0 | 1 | 2 | 5;
  /** Why each guard that spoke was passed, by its message: two allergies are two answers. */
  passed: Readonly<Record<string, string>>;
}

export const emptyDrug: DrugForm = {
  drug: null,
  item: null,
  dose: null,
  route: null,
  indication: "",
  witness: null,
  givenBy: "author",
  minutesAgo: 0,
  passed: {},
};

/** The formulary's drugs, each name once, in the formulary's order: the most used first. */
export const drugNames = (formulary: readonly FormularyItem[]): string[] => [
  ...new Set(formulary.map((item) => item.drug)),
];
export const presentationsOf = (formulary: readonly FormularyItem[], drug: string): FormularyItem[] =>
  formulary.filter((item) => drugKey(item.drug) === drugKey(drug));

/** A presentation chosen: its only dose and only route come with it, and nothing is carried over from another. */
export const chooseItem = (form: DrugForm, item: FormularyItem): DrugForm => ({
  ...form,
  drug: item.drug,
  item,
  dose: item.doses.length === 1 ? item.doses[0]! : null,
  route: item.routes.length === 1 ? item.routes[0]! : null,
  passed: {},
});

export const chooseDrug = (form: DrugForm, formulary: readonly FormularyItem[], drug: string): DrugForm => {
  const items = presentationsOf(formulary, drug);
  const fresh = { ...form, drug, item: null, dose: null, route: null, witness: null, passed: {} };
  return items.length === 1 ? chooseItem(fresh, items[0]!) : fresh;
};

/** The body of kind `drug`. What is not known is left out: the drug was given, and that is what must be recorded. */
export const drugBody = (form: DrugForm, guards: readonly Guard[]): Drug | null => {
  if (form.drug === null || form.drug.trim() === "") return null;
  const overrides = guards.slice(0, overridesMax).map(({ guard, message }) => ({
    guard: `${guard}: ${message}`.slice(0, textMax),
    reason: (form.passed[message] ?? "no reason given").slice(0, textMax),
  }));
  return {
    drug: form.drug.trim(),
    givenBy: form.givenBy,
    ...(form.item?.presentation ? { presentation: form.item.presentation } : {}),
    ...(form.dose ? { dose: form.dose } : {}),
    ...(form.route ? { route: form.route } : {}),
    ...(form.indication.trim() ? { indication: form.indication.trim() } : {}),
    ...(form.witness ? { witness: form.witness } : {}),
    ...(overrides.length > 0 ? { overrides } : {}),
  };
};
const overridesMax = 10;
const textMax = 200;
