import { ageAt } from "../patient/age.ts";
import type { Patient } from "../patient/patient.ts";

export type News2Population = "adult" | "under-16" | "pregnant" | "age-not-known";

/**
 * Whether NEWS2 is made for this patient: adults from 16, not in pregnancy. Pregnancy that is not known hides nothing.
 * A birth date goes before a stated age, and both before the crew's choice of group.
 */
export const news2Population = (patient: Patient | undefined, at: string): News2Population => {
  const years = ageAt(patient, at)?.years;
  const child = years === undefined ? patient?.ageGroup === "child" : years < 16;
  if (child) return "under-16";
  if (patient?.pregnant && "is" in patient.pregnant && patient.pregnant.is) return "pregnant";
  return years !== undefined || patient?.ageGroup === "adult" ? "adult" : "age-not-known";
};
