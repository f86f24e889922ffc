import type { FindResponse, FoundRecord } from "#protocol/find.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";

interface FoundListProps {
  answer: FindResponse;
  /** Records that this tablet holds as its own. */
  held: ReadonlySet<string>;
  nowMs: number;
  opening: string | null;
  onOpen: (found: FoundRecord) => void;
}

/** A few records to choose from, without names: when, which vehicle, how old. */
export const FoundList = ({ answer, held, nowMs, opening, onOpen }: FoundListProps) => {
  const { found, more } = answer;
  return (
    <section aria-labelledby="found-title" className="records">
      <div role="status">
        <h2 id="found-title">{found.length === 0 ? "No record of your trust fits" : foundWords(found.length, more)}</h2>
      </div>
      {found.length === 0 ? (
        <p className="small">
          Read the number or the date again, or look up by the other one. Go on charting meanwhile.
        </p>
      ) : null}
      <ul>
        {found.map((one) => (
          <li key={one.recordId}>
            <button
              type="button"
              className="card record-card found-card"
              disabled={opening !== null}
              onClick={() => onOpen(one)}
            >
              <time dateTime={one.startedAt}>{clockTimeSeenFrom(one.startedAt, nowMs)}</time>
              <span className="text">
                <b>{one.ageSex}</b>
                <span>{one.callSign}</span>
              </span>
              {one.spelling === "other" ? <span className="chip wait">! surname spelt differently</span> : null}
              {held.has(one.recordId) ? <span className="chip ok">✓ on this tablet</span> : null}
              <span className="chip">{opening === one.recordId ? "Opening …" : "Open"}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
};

const foundWords = (found: number, more: boolean): string =>
  `${found === 1 ? "One record fits" : `${found} records fit, newest first`}${more ? "; there are older ones" : ""}`;
