import type { Entry } from "#domain/entry/entry.ts";
import { paperOfEntries } from "#domain/paper/entries.ts";
import type { Patient } from "#domain/patient/patient.ts";
import { fold } from "#domain/record.ts";
import type { FormCheck } from "#protocol/control/paper.ts";
import { cadWord } from "../projection/search-words.ts";

type Reading = Omit<FormCheck, "expected">;

/**
 * Which parts of whose form it is the second person read otherwise than the first, or than the record that the form would go on
 * with: `CAD number`, `surname`, `date of birth`, `NHS number`. What stands there is not told, so that the second person has to
 * look at the paper. These are what a wrong patient or a second record comes from.
 *
 * @param into the entries of that record; undefined for a form that begins one of its own
 */
export const differsFrom = (
  entries: readonly Entry[],
  typed: Reading,
  into: readonly Entry[] | undefined,
): string[] => {
  const form = paperOfEntries(entries);
  const record = into && fold(into);
  const differs = new Set<string>();
  // A form that goes on with a record does not tell its call again: the record's own counts, where it has one.
  const call = record === undefined ? (form?.cadNumber ?? "") : record.incident?.body.cadNumber;
  if (call !== undefined && cadWord(call) !== cadWord(typed.cadNumber)) differs.add("CAD number");
  if (!same(form?.patient?.familyName ?? "", typed.familyName)) differs.add("surname");
  if (!same(said(form?.patient, "birthDate") ?? "", typed.birthDate)) differs.add("date of birth");
  if (!same(said(form?.patient, "nhsNumber") ?? "", typed.nhsNumber)) differs.add("NHS number");
  for (const [field, words] of [
    ["birthDate", "date of birth"],
    ["nhsNumber", "NHS number"],
  ] as const) {
    const there = said(record?.patient?.body, field);
    if (there !== undefined && typed[field] !== "" && !same(there, typed[field])) differs.add(`${words} in the record`);
  }
  return [...differs];
};

const said = (patient: Patient | undefined, field: "birthDate" | "nhsNumber"): string | undefined => {
  const answer = patient?.[field];
  return answer !== undefined && "is" in answer ? answer.is : undefined;
};

const same = (first: string, second: string): boolean => plain(first) === plain(second);
const plain = (text: string): string => text.normalize("NFC").toLowerCase().replace(/\s/g, "");
