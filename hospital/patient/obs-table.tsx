import { awaitsCoSign } from "#domain/co-signature/resolve.ts";
import { news2Of } from "#domain/observations/news2.ts";
import type { CareRecord, LineOf } from "#domain/record.ts";
import { ageWords } from "#ui/age.ts";
import { News2Badge } from "#ui/news-badge.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { Age } from "../arrivals/readings.tsx";
import { obsCell, obsColumns } from "./obs-columns.ts";

/** Every set, newest first, with NEWS2 and the score of each part beside its value. */
export const ObsTable = ({ record, nowMs }: { record: CareRecord; nowMs: number }) => {
  const sets = record.observations.toReversed();
  const columns = obsColumns(sets);
  if (sets.length === 0) return <p className="soft padded">No observations recorded.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table must scroll by keyboard
    <section className="scroll-x" tabIndex={0} aria-label="Observations table">
      <table className="obs-table">
        <caption className="words-only">Observations, newest first; a small raised number is the NEWS2 part</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">NEWS2</th>
            {columns.map(({ title, unit }) => (
              <th key={title} scope="col">
                {title} <span className="unit">{unit}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sets.map((set, index) => (
            <ObsRow key={set.entry.id} record={record} set={set} columns={columns} newest={index === 0} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </section>
  );
};

interface ObsRowProps {
  record: CareRecord;
  set: LineOf<"observations">;
  columns: ReturnType<typeof obsColumns>;
  /** Only the newest set can be stale; the ones before it are history. */
  newest: boolean;
  nowMs: number;
}

const ObsRow = ({ record, set, columns, newest, nowMs }: ObsRowProps) => {
  const score = news2Of(record, set);
  const parts = "notFor" in score ? {} : score.parts;
  return (
    <tr>
      <th scope="row">
        {clockTimeSeenFrom(set.entry.occurredAt, nowMs)}
        <div className="sub">
          {newest ? <Age at={set.entry.occurredAt} nowMs={nowMs} /> : ageWords(set.entry.occurredAt, nowMs)}
        </div>
        {awaitsCoSign(set) && <div className="sub unsigned">○ not co-signed</div>}
      </th>
      <td>
        <News2Badge news2={score} />
      </td>
      {columns.map((column) => {
        const cell = obsCell(column, set, parts);
        return (
          <td key={column.title} data-n={cell?.score}>
            {cell === undefined ? <span className="soft">–</span> : cell.text}
            {cell?.score !== undefined && cell.score > 0 && (
              <sup>
                <span className="words-only">scores </span>+{cell.score}
              </sup>
            )}
            {cell?.ownTime !== undefined && <div className="sub">{clockTimeSeenFrom(cell.ownTime, nowMs)}</div>}
          </td>
        );
      })}
    </tr>
  );
};
