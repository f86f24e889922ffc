import { useState } from "react";
import type { MadeFilm } from "#client/film/make-film.ts";
import { filmEcgRate } from "#sharing/film/ecg-copy.ts";
import { summaryLines } from "#sharing/film/summary.ts";
import { FilmPlayer } from "#ui/film/film-player.tsx";
import { framesPerSecondDefault } from "#ui/film/frames-per-second.ts";
import { Chips } from "../../shell/chips.tsx";

const speeds = [
  { value: "3", label: "Slower", aria: "Slower: 3 frames a second" },
  { value: String(framesPerSecondDefault), label: "Normal", aria: `Normal: ${framesPerSecondDefault} frames a second` },
  { value: "10", label: "Faster", aria: "Faster: 10 frames a second" },
] as const;

interface ShownFilmProps {
  film: MadeFilm;
  siteName: string;
  /** Entries that were written after the film was made. */
  newSince: number;
  onAgain: () => void;
}

/** The film on its white ground, what is in it, and how fast it goes. It goes on for as long as it is looked at. */
export const ShownFilm = ({ film, siteName, newSince, onAgain }: ShownFilmProps) => {
  const [speed, setSpeed] = useState<string>(String(framesPerSecondDefault));
  const [still, setStill] = useState(false);
  const { summary, hasEcg, ecgsLeftOut, leftOut } = film;
  return (
    <section className="shown-film" aria-label="Film">
      <div className="film-ground">
        <FilmPlayer
          key={film.filmId}
          frameAt={film.projector.frameAt}
          framesPerSecond={Number(speed)}
          still={still}
          label={`Film of symbols for ${siteName}'s camera`}
        />
      </div>
      <div className="stack">
        <h2>For {siteName}</h2>
        <ol className="film-steps">
          <li>On the hospital's screen: Receive by camera.</li>
          <li>Hold this tablet still, its symbols filling the camera's picture.</li>
          <li>Wait for the hospital's screen to say that it has all.</li>
        </ol>
        <ul className="film-holds">
          <li>{summary.entries - leftOut} entries, each as it was written</li>
          {hasEcg ? <li>The newest ECG as a copy at {filmEcgRate} Hz; the exact one follows</li> : null}
          {ecgsLeftOut > 0 ? (
            <li>
              {ecgsLeftOut} {hasEcg ? "earlier " : ""}ECG not in the film:{" "}
              {ecgsLeftOut === 1 ? "it follows" : "they follow"}
            </li>
          ) : null}
          {leftOut > 0 ? <li>{leftOut} of another crew's newest entries follow later</li> : null}
        </ul>
        {newSince > 0 ? (
          <div className="flag">
            ! {newSince} {newSince === 1 ? "entry" : "entries"} written since{" "}
            <button type="button" className="btn" onClick={onAgain}>
              Put {newSince === 1 ? "it" : "them"} in
            </button>
          </div>
        ) : null}
        <Chips legend="Speed" options={speeds} value={speed} onChange={setSpeed} />
        <button type="button" className="btn" aria-pressed={still} onClick={() => setStill(!still)}>
          {still ? "Play the film" : "Hold the first symbol"}
        </button>
        <div className="film-printed" aria-hidden="true">
          {/* Whatever frame the film is at, the paper has the symbol that says something by itself. */}
          <FilmPlayer frameAt={film.projector.frameAt} framesPerSecond={1} still label="The first symbol" />
          {summaryLines(summary).map((line) => (
            <p key={line}>{line}</p>
          ))}
          <p>Record {summary.recordId}</p>
        </div>
      </div>
    </section>
  );
};
