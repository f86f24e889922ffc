import { type News2Parameter, news2ParameterWords } from "#domain/observations/news2.ts";
import type { News2Shown } from "./news-badge.tsx";

const notFor = {
  "under-16": "not for under-16s",
  pregnant: "not in pregnancy",
  "age-not-known": "age not known: adult or child?",
} as const;

/** Colour band 0–3 of a score: 0, low, urgent, emergency (RCP 2017, clinical response thresholds). */
export const newsBand = (news2: News2Shown): 0 | 1 | 2 | 3 => {
  if (news2 === null || "notFor" in news2) return 0;
  const score = "total" in news2 ? news2.total : news2.atLeast;
  if (score >= 7) return 3;
  if (score >= 5 || ("single3" in news2 && news2.single3)) return 2;
  return score > 0 ? 1 : 0;
};

/** `5`, `≥ 3` from a partial set, or a dash where there is no score. */
export const newsText = (news2: News2Shown): string => {
  if (news2 === null || "notFor" in news2) return "–";
  return "total" in news2 ? String(news2.total) : `≥ ${news2.atLeast}`;
};

/** A newer base may name a part that this version does not know. */
const partWords = (part: string): string =>
  Object.hasOwn(news2ParameterWords, part) ? news2ParameterWords[part as News2Parameter] : part;

/** The response a score asks for, in a word or two. */
export const newsResponse = (news2: News2Shown): string => {
  if (news2 === null) return "no complete set";
  if ("notFor" in news2) return notFor[news2.notFor];
  if ("atLeast" in news2) return `partial, missing ${news2.missing.map(partWords).join(", ")}`;
  if (news2.total >= 7) return "emergency";
  if (news2.total >= 5) return "urgent";
  return news2.single3 ? "urgent, a single 3" : "low";
};

/** The whole badge in words, for a screen reader and a tooltip. */
export const newsWords = (news2: News2Shown): string => {
  if (news2 === null || "notFor" in news2) return `No NEWS2: ${newsResponse(news2)}`;
  if ("total" in news2) return `NEWS2 ${news2.total}, ${newsResponse(news2)}`;
  return `NEWS2 at least ${news2.atLeast}, ${newsResponse(news2)}`;
};
