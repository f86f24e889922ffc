import type { Patient } from "./patient.ts";

export interface Age {
  /** Whole years. */
  years: number;
  /** Whole months and days, where a birth date is known. */
  months?: number;
  days?: number;
}

/**
 * Age at an instant from the birth date, else the stated age; undefined where neither is known or the date is
 * impossible. The calendar day is that of UTC: at most an hour from the day in the UK.
 */
export const ageAt = (patient: Patient | undefined, at: string): Age | undefined => {
  const birth = patient?.birthDate && "is" in patient.birthDate ? patient.birthDate.is : undefined;
  if (birth !== undefined) {
    const age = ageFrom(birth, at.slice(0, 10));
    if (age) return age;
  }
  return patient?.ageYears === undefined ? undefined : { years: patient.ageYears };
};

const ageFrom = (birth: string, day: string): Age | undefined => {
  const born = Date.parse(`${birth}T00:00:00Z`);
  // A birth date such as 30 February is no date; JavaScript would roll it over.
  if (Number.isNaN(born) || new Date(born).toISOString().slice(0, 10) !== birth || birth > day) return undefined;
  const [by, bm, bd] = parts(birth);
  const [y, m, d] = parts(day);
  const months = (y - by) * 12 + (m - bm) - (d < bd ? 1 : 0);
  return {
    years: Math.floor(months / 12),
    months,
    days: Math.round((Date.parse(`${day}T00:00:00Z`) - born) / 86_400_000),
  };
};

const parts = (date: string): [number, number, number] => {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  return [year, month, day];
};

/** `72`, `14 months` under two years, `9 days` under four weeks, where the birth date is known; else null. */
export const ageText = (patient: Patient | undefined, at: string): string | null => {
  const age = ageAt(patient, at);
  if (!age) return null;
  if (age.days !== undefined && age.days < 28) return age.days === 1 ? "1 day" : `${age.days} days`;
  if (age.months !== undefined && age.months < 24) return age.months === 1 ? "1 month" : `${age.months} months`;
  return age.years === 0 ? "under 1" : String(age.years);
};

const sexLetters = { female: "F", male: "M", other: "other sex", unknown: "" } as const;

/** `72 F`, `9 days M`, `adult`, `child F`, `age not known`. */
export const ageSexText = (patient: Patient | undefined, at: string): string => {
  const sex = patient?.gender ? sexLetters[patient.gender] : "";
  const age = ageText(patient, at) ?? patient?.ageGroup ?? "age not known";
  return sex ? `${age} ${sex}` : age;
};
