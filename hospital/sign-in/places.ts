import type { SignInPlace } from "#client/sign-in.ts";
import type { Cell } from "../cells/cell.ts";

/** The trusts where this screen is set up and nobody is signed in. */
export const openPlaces = (cells: readonly Cell[]): SignInPlace[] =>
  readyCells(cells).flatMap(({ client }) => (client.getSnapshot().signedIn === null ? [client.signInPlace] : []));

/** The trusts where somebody is. */
export const signedInPlaces = (cells: readonly Cell[]): SignInPlace[] =>
  readyCells(cells).flatMap(({ client }) => (client.getSnapshot().signedIn === null ? [] : [client.signInPlace]));

const readyCells = (cells: readonly Cell[]): Cell[] =>
  cells.filter(({ client }) => client.getSnapshot().phase === "ready");

export const signOut = async (cells: readonly Cell[]): Promise<void> => {
  await Promise.all(readyCells(cells).map(({ client }) => client.signInPlace.session.signOut()));
};

/**
 * Runs a sign-in at some of the trusts. If it lets in somebody else than who is signed in at the others, those end: one
 * person at a time stands at a screen.
 */
export const oneAtATime = async <T>(cells: readonly Cell[], signIn: () => Promise<T>): Promise<T> => {
  const before = new Set(readyCells(cells).filter(({ client }) => client.getSnapshot().signedIn !== null));
  const result = await signIn();
  const arrived = readyCells(cells).flatMap((cell) => (before.has(cell) ? [] : (userOf(cell) ?? [])))[0];
  const others = [...before].filter((cell) => arrived !== undefined && userOf(cell) !== arrived);
  await signOut(others);
  return result;
};

const userOf = ({ client }: Cell): string | undefined => client.getSnapshot().signedIn?.userId;
