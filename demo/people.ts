import type { Author } from "#domain/entry/entry.ts";
import { isValidNhsNumber } from "#domain/patient/nhs-number.ts";
import { pick } from "./random.ts";

const trees = ["ALDER", "ASPEN", "BEECH", "BIRCH", "CEDAR", "ELM", "HAZEL", "HOLLY", "LARCH", "MAPLE", "OAK", "PINE", "ROWAN", "SPRUCE", "WILLOW", "YEW"]; // biome-ignore format: one list
const givenNames = {
  female: ["Testa", "Testina", "Demona", "Exemplia"],
  male: ["Testo", "Testian", "Demono", "Exemplar"],
};

/**
 * The NHS number of the nth invented patient: valid by its check digit, and in the range 999 that is never issued. A serial
 * whose check digit would be 10 has no number, so the next that has one is taken, in steps that never meet another's.
 */
export const inventedNhsNumber = (serial: number): string => {
  for (let stem = (serial * 3) % 1_000_000; ; stem = (stem + 1) % 1_000_000) {
    const nine = `999${String(stem).padStart(6, "0")}`;
    for (let check = 0; check <= 9; check++) if (isValidNhsNumber(`${nine}${check}`)) return `${nine}${check}`;
  }
};

/** A patient whom nobody can mistake for a real one. The birth date makes them that many years and some months old. */
export const inventPerson = (
  serial: number,
  { ageYears, gender }: { ageYears: number; gender: "female" | "male" },
  nowMs: number,
  random: () => number,
) => {
  const born = new Date(nowMs - (20 + Math.floor(random() * 320)) * 86_400_000);
  born.setUTCFullYear(born.getUTCFullYear() - ageYears);
  return {
    familyName: `DEMO-${pick(trees, random)}`,
    givenName: pick(givenNames[gender], random),
    nhsNumber: inventedNhsNumber(serial),
    birthDate: born.toISOString().slice(0, 10),
  };
};

/** Records of a shift are told apart by their ids, so that the next one closes them and nobody else's, and reads none. */
const shiftMark = "de30de30de30";
export const shiftRecordId = (uuid: string): string => `${uuid.slice(0, -shiftMark.length)}${shiftMark}`;
export const isOfShift = (recordId: string): boolean => recordId.endsWith(shiftMark);

const shiftUser = "demo-shift-";

export const inventCrew = (callSign: string): Author[] => [
  {
    userId: `${shiftUser}${callSign}-1`,
    name: `Demo crew ${callSign}, first`,
    role: "Paramedic",
    signIn: "demonstration",
  },
  {
    userId: `${shiftUser}${callSign}-2`,
    name: `Demo crew ${callSign}, second`,
    role: "Emergency care assistant",
    signIn: "demonstration",
  },
];
export const inventedNurse: Author = {
  userId: `${shiftUser}nurse`,
  name: "Nurse Demo-Reed",
  role: "Nurse in charge",
  signIn: "demonstration",
};
