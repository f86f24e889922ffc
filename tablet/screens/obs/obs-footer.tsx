import { type News2, type News2NotFor, type News2Parameter, news2ParameterWords } from "#domain/observations/news2.ts";
import { notForWords } from "#domain/observations/news2-words.ts";
import { newsBand, newsResponse, newsText, newsWords } from "#ui/news-words.ts";
import { shownNews2 } from "../../record/shown-news2.ts";

interface ObsFooterProps {
  score: News2 | News2NotFor;
  /** Readings to look at again; questions, never refusals. */
  oddities: readonly string[];
  canSave: boolean;
  onSave: () => void;
}

/** The score as it stands, in words, and Save. */
export const ObsFooter = ({ score, oddities, canSave, onSave }: ObsFooterProps) => {
  const shown = shownNews2(score);
  return (
    <footer className="bar-bottom obs-foot">
      <span
        className="news score"
        data-n={newsBand(shown)}
        data-partial={"missing" in score ? true : undefined}
        role="img"
        aria-label={newsWords(shown)}
      >
        {newsText(shown)}
      </span>
      <div className="why" role="status">
        <b>{headline(score)}</b>
        <div className="small">{reasons(score)}</div>
        {oddities.map((odd) => (
          <div key={odd} className="flag">
            ! {odd}
          </div>
        ))}
      </div>
      <span className="grow" />
      <span className="small hint">
        Saves what is there; the rest
        <br />
        goes to “To finish”
      </span>
      <button type="button" className="btn primary big" disabled={!canSave} onClick={onSave}>
        Save set
      </button>
    </footer>
  );
};

const headline = (score: News2 | News2NotFor): string => {
  if ("notFor" in score) return notForWords[score.notFor];
  return score.complete
    ? `NEWS2 ${score.total}, ${newsResponse(shownNews2(score))}`
    : `Partial: at least ${score.atLeast}`;
};

const reasons = (score: News2 | News2NotFor): string => {
  if ("notFor" in score) return "The set is saved all the same.";
  const scored = (Object.entries(score.parts) as [News2Parameter, { score: number }][])
    .filter(([, part]) => part.score > 0)
    .map(([id, part]) => `${news2ParameterWords[id]} ${part.score}`);
  const missing = "missing" in score ? `missing ${score.missing.map((id) => news2ParameterWords[id]).join(", ")}` : "";
  const said = [scored.join(", "), missing].filter(Boolean).join(" · ");
  return said.charAt(0).toUpperCase() + said.slice(1);
};
