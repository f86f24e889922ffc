import type { Arrival } from "#domain/handover/arrival.ts";
import { newsBand, newsText, newsWords } from "./news-words.ts";
import "./components.css";

type Boarded = NonNullable<Arrival["news2"]>;
type WithoutTime<T> = T extends { at: string } ? Omit<T, "at"> & { at?: string } : T;
/** A NEWS2 as screens show it: a total, "at least" from a partial set, why there is none, or null when nothing was measured. */
export type News2Shown = WithoutTime<Boarded> | null;

/** The number in its colour; the words say the same, and say why a number is missing. */
export const News2Badge = ({ news2, large = false }: { news2: News2Shown; large?: boolean }) => (
  <span
    className={large ? "news large" : "news"}
    data-n={newsBand(news2)}
    data-partial={news2 !== null && "atLeast" in news2 ? true : undefined}
    role="img"
    aria-label={newsWords(news2)}
    title={newsWords(news2)}
  >
    {newsText(news2)}
  </span>
);
