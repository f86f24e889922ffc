import { useSyncExternalStore } from "react";
import * as z from "zod/mini";
import type { Author } from "#domain/entry/entry.ts";

const person = z.object({ name: z.string().check(z.minLength(2)), role: z.string().check(z.minLength(2)) });
export type ScreenPerson = z.infer<typeof person>;

const key = "holdfast.person";
const listeners = new Set<() => void>();

/**
 * Who stands at this screen. The demonstration's sign-in: it believes what it is told, and is kept until this tab closes.
 * The real one takes this file's place; the rest asks only for the person and the author.
 */
let current: ScreenPerson | null = read();

function read(): ScreenPerson | null {
  try {
    return person.safeParse(JSON.parse(sessionStorage.getItem(key) ?? "null")).data ?? null;
  } catch {
    return null;
  }
}

/** Null signs out. */
export const setPerson = (next: ScreenPerson | null): void => {
  current = next;
  try {
    if (next) sessionStorage.setItem(key, JSON.stringify(next));
    else sessionStorage.removeItem(key);
  } catch {}
  for (const listener of listeners) listener();
};

export const usePerson = (): ScreenPerson | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );

/** The same person, typed the same way on any screen of the site, is the same author. */
export const authorOf = ({ name, role }: ScreenPerson): Author => ({
  userId: `site:${name} ${role}`
    .toLowerCase()
    .replace(/[^a-z0-9:]+/g, "-")
    .slice(0, 100),
  name,
  role,
  signIn: "demonstration",
});

/** The screen speaking for itself: it drew a row. */
export const screenAuthor = (siteName: string): Author => ({
  userId: "site:screen",
  name: `${siteName} screen`.slice(0, 200),
  role: "screen",
  signIn: "device",
});
