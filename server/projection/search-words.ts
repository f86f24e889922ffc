import type { Entry } from "#domain/entry/entry.ts";
import { readBody } from "#domain/kinds.ts";

/** What a record can be found by, before it is blinded. */
export interface SearchWord {
  field: "nhs-number" | "birth-date" | "surname" | "cad-number";
  word: string;
}

/**
 * The words of every version of the patient, and of the call, that is not struck: a surname that was corrected still finds the
 * record, one that belonged to somebody else does not.
 */
export const searchWords = (entries: readonly Entry[]): SearchWord[] => {
  const struck = new Set(entries.filter((entry) => entry.kind === "strike").map((entry) => entry.ref?.id));
  return entries
    .filter((entry) => (entry.kind === "patient" || entry.kind === "incident") && !struck.has(entry.id))
    .flatMap((entry): SearchWord[] => {
      const known = readBody(entry);
      if (known?.kind === "incident")
        return known.body.cadNumber ? [{ field: "cad-number", word: cadWord(known.body.cadNumber) }] : [];
      if (known?.kind !== "patient") return [];
      const { nhsNumber, birthDate, familyName } = known.body;
      const words: SearchWord[] = [];
      if (nhsNumber && "is" in nhsNumber) words.push({ field: "nhs-number", word: nhsNumber.is });
      if (birthDate && "is" in birthDate) words.push({ field: "birth-date", word: birthDate.is });
      if (familyName) words.push({ field: "surname", word: soundsLike(familyName) });
      return words;
    });
};

/** A call's number as it is compared: people write `CAD 771` and `cad-771`. */
export const cadWord = (number: string): string => number.toLowerCase().replace(/[^a-z0-9]/g, "");

const soundGroups: Record<string, string> = { b: "1", f: "1", p: "1", v: "1", c: "2", g: "2", j: "2", k: "2", q: "2" };
for (const letter of "sxz") soundGroups[letter] = "2";
for (const letter of "dt") soundGroups[letter] = "3";
for (const letter of "mn") soundGroups[letter] = "5";
soundGroups.l = "4";
soundGroups.r = "6";

/** American Soundex (US National Archives), over the letters without their accents. */
export const soundsLike = (name: string): string => {
  const letters = [...name.normalize("NFD").toLowerCase()].filter((c) => c >= "a" && c <= "z");
  const first = letters[0];
  if (first === undefined) return name.normalize("NFC").toLowerCase().trim();
  let code = "";
  let last = soundGroups[first];
  for (const letter of letters.slice(1)) {
    const group = soundGroups[letter];
    if (group !== undefined && group !== last) code += group;
    // H and W do not part two letters of one group; a vowel does.
    if (letter !== "h" && letter !== "w") last = group;
  }
  return (first.toUpperCase() + code).slice(0, 4).padEnd(4, "0");
};
