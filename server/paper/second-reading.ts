import { paperOfEntries } from "#domain/paper/entries.ts";
import type { FormCheck } from "#protocol/control/paper.ts";
import { readEntry } from "#sync/envelope.ts";

/**
 * Which parts of who the patient is the second person read otherwise than the first: `surname`, `date of birth`, `NHS number`. What
 * the first one read is not told, so that the second has to look at the paper.
 */
export const differsFrom = (texts: readonly string[], typed: Omit<FormCheck, "expected">): string[] => {
  const entries = texts.flatMap((text) => readEntry(text).entry ?? []);
  const patient = paperOfEntries(entries)?.patient;
  const is = (answered: { is: string } | object | undefined): string =>
    answered !== undefined && "is" in answered ? answered.is : "";
  const same = (first: string, second: string): boolean => plain(first) === plain(second);
  const differs: string[] = [];
  if (!same(patient?.familyName ?? "", typed.familyName)) differs.push("surname");
  if (!same(is(patient?.birthDate), typed.birthDate)) differs.push("date of birth");
  if (!same(is(patient?.nhsNumber), typed.nhsNumber)) differs.push("NHS number");
  return differs;
};

const plain = (text: string): string => text.normalize("NFC").toLowerCase().replace(/\s/g, "");
