import type { noWords } from "../entry/answer.ts";
import type { CareRecord } from "../record.ts";
import type { Allergies } from "./patient.ts";

/** The four kinds of "no" about allergies, each in words of its own, and no answer at all. */
const unansweredWords = {
  none: "No known allergies",
  "not-known": "Allergies not known",
  "not-asked": "Allergies not asked",
  refused: "Allergies: refused to say",
} satisfies Record<keyof typeof noWords, string>;

/** `Penicillin (anaphylaxis, severe); Latex`, `No known allergies`, `Allergies not asked`, `Allergies not recorded`. */
export const allergyText = (allergies: Allergies | undefined): string => {
  if (!allergies) return "Allergies not recorded";
  if ("no" in allergies.allergies) return unansweredWords[allergies.allergies.no];
  return allergies.allergies.is
    .map(({ substance, reaction, severity }) => {
      const more = [reaction, severity].filter(Boolean).join(", ");
      return more ? `${substance} (${more})` : substance;
    })
    .join("; ");
};

/** Every list that stands as a sentence of its own, the shown one first: where two tablets disagree, both are read out. */
export const allergiesInRecord = (record: CareRecord): string[] => {
  if (record.allergyLists.length === 0) return [allergyText(undefined)];
  const texts = record.allergyLists.map(({ known: { body } }) =>
    "is" in body.allergies ? `Allergies: ${allergyText(body)}` : allergyText(body),
  );
  return [...new Set(texts.reverse())];
};
