import type { KnownEntry } from "#domain/kinds.ts";
import { readBody } from "#domain/kinds.ts";
import type { AllergyIntolerance, Observation } from "./r4.ts";
import type { Versions } from "./view.ts";

/** Resources that one version of a line makes, by the suffix of their id. */
export type Parts<R> = Map<string, R>;

/**
 * The parts of the line as it stands, and those that only earlier versions had: these stay readable by id, marked by
 * `withdraw`, because who has read one must be able to learn that it no longer holds.
 */
export const currentParts = <R extends Observation | AllergyIntolerance>(
  versions: Versions,
  make: (known: KnownEntry) => Parts<R>,
  withdraw: (resource: R) => R,
): R[] => {
  const all = new Map<string, R>();
  const last = versions.entries.length - 1;
  for (const [at, entry] of versions.entries.entries()) {
    const known = readBody(entry);
    if (!known) continue;
    const parts = make(known);
    for (const [suffix, resource] of all) if (!parts.has(suffix)) all.set(suffix, withdraw(resource));
    for (const [suffix, resource] of parts) all.set(suffix, resource);
    if (at === last && versions.line.state === "struck")
      for (const [suffix, resource] of all) all.set(suffix, withdraw(resource));
  }
  return [...all.values()];
};
