import type { Person } from "#client/client.ts";
import { isOver } from "#client/earlier.ts";
import type { Author } from "#domain/entry/entry.ts";
import { needsCoSign } from "./sign-in/needs-co-sign.ts";
import { type VouchedPerson, vouchedAuthor } from "./sign-in/vouch.ts";

/** Vehicle and crew, set once a shift and written into each new record. Staff only: nothing of a patient. */
export interface Shift {
  callSign: string;
  vehicle: string;
  /** User ids, the first signs in most. */
  crew: string[];
  startedAtMs: number;
  /** Whom a crewmate has vouched for. */
  vouched?: VouchedPerson[];
}

const key = "holdfast.shift";

/** The stored shift, or null when there is none, it is over, or it cannot be read. */
export const readShift = (text: string | null, nowMs: number): Shift | null => {
  if (text === null) return null;
  try {
    const { callSign, vehicle, crew, startedAtMs, vouched } = JSON.parse(text) as Partial<Shift>;
    const sound =
      typeof callSign === "string" &&
      typeof vehicle === "string" &&
      typeof startedAtMs === "number" &&
      Array.isArray(crew) &&
      crew.every((member) => typeof member === "string");
    if (!sound) return null;
    // One that runs past its longest asks again; so does one that a clock which was set back would lengthen.
    if (isOver(startedAtMs, nowMs)) return null;
    const known = Array.isArray(vouched) ? vouched.filter(isVouched) : [];
    return { callSign, vehicle, crew, startedAtMs, ...(known.length > 0 && { vouched: known }) };
  } catch {
    return null;
  }
};

const isVouched = (one: Partial<VouchedPerson> | null): one is VouchedPerson =>
  one !== null &&
  [one.userId, one.name, one.role, one.staffNumber, one.vouchedBy, ...rolesIn(one)].every(
    (value) => typeof value === "string",
  );
const rolesIn = ({ roles = [] }: Partial<VouchedPerson>): readonly unknown[] => (Array.isArray(roles) ? roles : [null]);

export const storedShift = (): Shift | null => readShift(localStorage.getItem(key), Date.now());
export const storeShift = (shift: Shift | null): void => {
  if (shift === null) localStorage.removeItem(key);
  else localStorage.setItem(key, JSON.stringify(shift));
};

export const authorOf = (person: Person, signIn: string): Author => ({
  userId: person.userId,
  name: person.name,
  role: person.role,
  signIn,
  ...(needsCoSign(person.roles) && { coSign: "needed" }),
});

/** The crew as authors: the one at the tablet as signed in, the others as named by them. */
export const crewOf = (shift: Shift, people: readonly Person[], author: Author): Author[] => [
  author,
  ...people
    .filter((person) => shift.crew.includes(person.userId) && person.userId !== author.userId)
    .map((person) => authorOf(person, "named")),
  ...(shift.vouched ?? []).filter((person) => person.userId !== author.userId).map(vouchedAuthor),
];
