import { ageAt } from "./age.ts";
import type { Patient } from "./patient.ts";

/** How long a trust keeps records. */
export interface RetentionTerms {
  /** Years after the last entry. */
  adultYears: number;
  /** A child's record is kept until this birthday at least. */
  childAge: number;
}

const adultFrom = 18;

/**
 * The first day (`2036-05-17`) on which a record may end, from what its standing entries say of the patient and the instant of
 * its last entry. A child's is kept until the later of the adult's term and the birthday of `childAge`; where the age is not
 * known the patient counts as a newborn, and of several answers the youngest counts. (NHS Records Management Code of Practice
 * 2021, Appendix II; Appendix III, "Ambulance service records".)
 */
export const keepUntil = (patients: readonly Patient[], lastAt: string, terms: RetentionTerms): string => {
  const last = lastAt.slice(0, 10);
  const ends = (patients.length === 0 ? [undefined] : patients).map((patient) => endOf(patient, last, terms));
  return ends.sort().at(-1)!;
};

const endOf = (patient: Patient | undefined, last: string, { adultYears, childAge }: RetentionTerms): string => {
  const adult = yearsAfter(last, adultYears);
  const age = ageAt(patient, last);
  if (age === undefined ? patient?.ageGroup === "adult" : age.years >= adultFrom) return adult;
  const birth = patient?.birthDate && "is" in patient.birthDate ? patient.birthDate.is : undefined;
  // Without a birth date the birthday may be as late as today.
  const isDated = age?.months !== undefined && birth !== undefined;
  const child = isDated ? yearsAfter(birth, childAge) : yearsAfter(last, childAge - (age?.years ?? 0));
  return [adult, child].sort()[1]!;
};

/** 29 February goes to 1 March. */
const yearsAfter = (day: string, years: number): string => {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.toISOString().slice(0, 10);
};
