import type { Person } from "#client/client.ts";
import { coSignedMax } from "#domain/co-signature/co-signature.ts";
import type { Shift } from "../../shift.ts";
import { needsCoSign } from "../../sign-in/needs-co-sign.ts";

/** Names of the shift's crew who may sign what this person wrote, by their roles; empty where the shift names nobody who may. */
export const signersOf = (shift: Pick<Shift, "crew">, people: readonly Person[], userId: string): string[] =>
  people
    .filter((person) => shift.crew.includes(person.userId) && person.userId !== userId && !needsCoSign(person.roles))
    .map(({ name }) => name);

/** The bodies of as few co-signatures as cover these entries. */
export const coSignaturesOf = (ids: readonly string[]): { entries: string[] }[] =>
  Array.from({ length: Math.ceil(ids.length / coSignedMax) }, (_, at) => ({
    entries: ids.slice(at * coSignedMax, (at + 1) * coSignedMax),
  }));
