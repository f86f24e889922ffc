import type { Quantity } from "../entry/quantity.ts";
import type { CareRecord, LineOf } from "../record.ts";
import { addAmounts, comparable, quantityText } from "./dose.ts";

export interface DrugTotal {
  /** As the last dose names it. */
  drug: string;
  /** One sum per family of units: milligrams and millilitres are never added. */
  totals: Quantity[];
  doses: number;
  /** How many of them were given by an earlier crew or by the patient. */
  givenBefore: number;
  /** How many have no dose recorded: the totals are then "at least". */
  withoutDose: number;
  /** Clinical time of the last one. */
  lastAt: string;
}

/** Total given of each drug, whoever gave it, in the order of the first doses. One dose that two tablets amended counts once. */
export const drugTotals = (record: CareRecord): DrugTotal[] => {
  const byDrug = new Map<string, DrugTotal>();
  for (const { entry, known } of dosesGiven(record)) {
    const { drug, dose, givenBy } = known.body;
    const key = drugKey(drug);
    const total = byDrug.get(key) ?? { drug, totals: [], doses: 0, givenBefore: 0, withoutDose: 0, lastAt: "" };
    byDrug.set(key, {
      drug,
      totals: dose ? addTo(total.totals, dose) : total.totals,
      doses: total.doses + 1,
      givenBefore: total.givenBefore + (givenBy === "earlier-crew" || givenBy === "patient" ? 1 : 0),
      withoutDose: total.withoutDose + (dose ? 0 : 1),
      lastAt: entry.occurredAt,
    });
  }
  return [...byDrug.values()];
};

/** The standing doses, oldest first. Of several standing versions of one dose only the last counts. */
export const dosesGiven = (record: CareRecord): LineOf<"drug">[] => {
  const lastOfRoot = new Map(record.drugs.map((line) => [line.rootId, line]));
  return record.drugs.filter((line) => lastOfRoot.get(line.rootId) === line);
};

/** Two names of one drug: case and spaces do not matter. */
export const drugKey = (drug: string): string => drug.trim().toLowerCase().replace(/\s+/g, " ");

const addTo = (totals: readonly Quantity[], dose: Quantity): Quantity[] => {
  const at = totals.findIndex((total) => comparable(total, dose));
  return at < 0 ? [...totals, dose] : totals.map((total, i) => (i === at ? addAmounts(total, dose) : total));
};

/** `GTN 800 microgram in 2 doses (1 before this crew)`. */
export const totalText = ({ drug, totals, doses, givenBefore, withoutDose }: DrugTotal): string => {
  const amount = totals.map(quantityText).join(" and ") || "dose not recorded";
  const atLeast = withoutDose > 0 && totals.length > 0 ? "at least " : "";
  const times = doses === 1 ? "" : ` in ${doses} doses`;
  return `${drug} ${atLeast}${amount}${times}${givenBefore > 0 ? ` (${givenBefore} before this crew)` : ""}`;
};
