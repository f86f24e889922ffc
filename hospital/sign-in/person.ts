import type { SessionPerson } from "#client/person-session.ts";
import type { Author } from "#domain/entry/entry.ts";
import { useCells } from "../cells/use-cells.ts";

/** Who is signed in at this screen, as the crew reads it. */
export interface ScreenPerson {
  userId: string;
  name: string;
  role: string;
  /** How they were let in. */
  signIn: string;
}

const hospitalRoles: Record<string, string> = { "hospital-nurse": "Nurse", "hospital-doctor": "Doctor" };
const words = (role: string): string =>
  hospitalRoles[role] ?? role.charAt(0).toUpperCase() + role.slice(1).replaceAll("-", " ");

export const personOf = (signedIn: SessionPerson | null): ScreenPerson | null =>
  signedIn && {
    userId: signedIn.userId,
    name: signedIn.name,
    role: signedIn.strength === "break-glass" ? "in an emergency" : signedIn.roles.map(words).join(", ") || "No role",
    signIn: signedIn.strength,
  };

/** Whoever is signed in at any of the trusts: one person at a time stands at a screen. */
export const usePerson = (): ScreenPerson | null => {
  const { snapshots } = useCells();
  return personOf(snapshots.map(({ client }) => client.signedIn).find((each) => each !== null) ?? null);
};

export const authorOf = ({ userId, name, role, signIn }: ScreenPerson): Author => ({ userId, name, role, signIn });

/** The screen speaking for itself: it drew a row. */
export const screenAuthor = (siteName: string): Author => ({
  userId: "site:screen",
  name: `${siteName} screen`.slice(0, 200),
  role: "screen",
  signIn: "device",
});
