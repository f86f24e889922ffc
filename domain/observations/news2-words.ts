import { type News2, type News2NotFor, news2ParameterWords } from "./news2.ts";

/** `NEWS2 5`, `NEWS2 partial, at least 3`, `NEWS2 not for under-16s`. */
export const news2Text = (score: News2 | News2NotFor): string => {
  if ("notFor" in score) return notForWords[score.notFor];
  return score.complete ? `NEWS2 ${score.total}` : `NEWS2 partial, at least ${score.atLeast}`;
};

/** Why there is no score, and what to do about it where something can be done. */
export const notForWords: Record<News2NotFor["notFor"], string> = {
  "under-16": "NEWS2 not for under-16s",
  pregnant: "NEWS2 not in pregnancy",
  "age-not-known": "NEWS2 needs adult or child",
};

/** `missing: temperature, consciousness`; empty for a complete score. */
export const missingText = (score: News2 | News2NotFor): string =>
  "missing" in score ? `missing: ${score.missing.map((part) => news2ParameterWords[part]).join(", ")}` : "";
