import type { News2, News2NotFor } from "#domain/observations/news2.ts";
import { news2ParameterWords } from "#domain/observations/news2.ts";
import type { News2Shown } from "#ui/news-badge.tsx";

/** A score as the shared badge takes it. */
export const shownNews2 = (score: News2 | News2NotFor): News2Shown => {
  if ("notFor" in score) return { notFor: score.notFor };
  if (score.complete) return { total: score.total, single3: score.single3 };
  return { atLeast: score.atLeast, missing: score.missing.map((part) => news2ParameterWords[part]) };
};
