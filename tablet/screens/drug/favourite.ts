import { guardsBeforeGiving } from "#domain/medication/guards.ts";
import type { Drug } from "#domain/medication/medication.ts";
import type { CareRecord } from "#domain/record.ts";
import type { FormularyItem } from "#protocol/enrolment.ts";

export type Favourite =
  /** Written at once. */
  | { give: Drug }
  /** Something must be said or chosen first: the drug's screen asks. */
  | { ask: string | undefined };

interface FavouriteParts {
  formulary: readonly FormularyItem[];
  record: CareRecord;
  deviceId: string;
  at: string;
  /** In an arrest nothing interrupts: the drug is recorded at once, and what guards would have said stays with it. */
  arrest: boolean;
}

/**
 * A drug of one tap. Dose and route are filled in only where the formulary leaves no choice; otherwise they stay open
 * and go to "To finish".
 *
 * @param name is looked for in "drug presentation"
 */
export const favouriteDrug = (name: RegExp, { formulary, record, deviceId, at, arrest }: FavouriteParts): Favourite => {
  const matching = formulary.filter((one) => name.test(`${one.drug} ${one.presentation ?? ""}`));
  const [item] = matching;
  if (item === undefined) return { ask: undefined };
  const only = matching.length === 1;
  const body: Drug = {
    drug: item.drug,
    givenBy: "author",
    ...(only && item.presentation ? { presentation: item.presentation } : {}),
    ...(only && item.doses.length === 1 ? { dose: item.doses[0]! } : {}),
    ...(only && item.routes.length === 1 ? { route: item.routes[0]! } : {}),
  };
  const { allergens, doses } = item;
  const guards = guardsBeforeGiving(record, body, { allergens, doses, at, deviceId });
  if (guards.length === 0 && !item.controlled) return { give: body };
  if (!arrest) return { ask: item.drug };
  const overrides = guards.slice(0, 10).map(({ guard, message }) => ({
    guard: `${guard}: ${message}`.slice(0, 200),
    reason: "given in cardiac arrest",
  }));
  return { give: { ...body, ...(overrides.length > 0 ? { overrides } : {}) } };
};
