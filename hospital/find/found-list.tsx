import { Fault } from "#ui/fault.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import type { FoundAll, FoundAt } from "./look-up.ts";

interface FoundListProps {
  all: FoundAll;
  nowMs: number;
  opening: boolean;
  onOpen: (found: FoundAt) => void;
}

/** A few records to choose from, without names: when, which vehicle, how old. */
export const FoundList = ({ all, nowMs, opening, onOpen }: FoundListProps) => (
  <section className="card stack found" aria-labelledby="found">
    <div role="status">
      <h2 id="found">{all.found.length === 0 ? "No record fits" : foundWords(all)}</h2>
    </div>
    {all.faults.map(({ service, words }) => (
      <Fault key={service} words={`${service}: ${words}`} />
    ))}
    {all.found.length === 0 && <p className="soft">Read the number or the date again, or look up by the other one.</p>}
    {all.found.length > 0 && (
      <table>
        <caption className="words-only">Records that fit, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">Vehicle</th>
            <th scope="col">Age and sex</th>
            <th scope="col">
              <span className="words-only">Open</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.found.map((one) => (
            <tr key={one.recordId}>
              <th scope="row">{clockTimeSeenFrom(one.startedAt, nowMs)}</th>
              <td>
                <b>{one.callSign}</b> <span className="soft">{one.service}</span>
              </td>
              <td>
                {one.ageSex}{" "}
                {one.spelling === "other" && <span className="chip wait">▲ Surname spelt differently</span>}
                {one.yours && <span className="chip ok">✓ Comes to this site</span>}
              </td>
              <td>
                <button
                  type="button"
                  className="button"
                  aria-label={`Open ${one.callSign}, ${one.ageSex}`}
                  disabled={opening}
                  onClick={() => onOpen(one)}
                >
                  Open
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
);

const foundWords = ({ found, more }: FoundAll): string =>
  `${found.length === 1 ? "One record fits" : `${found.length} records fit`}${more ? "; there are older ones" : ""}`;
