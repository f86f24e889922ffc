import { useState } from "react";
import { type TimelineRow, timelinePage } from "#protocol/control/timeline.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "../parts/instant.tsx";
import { Scrolling } from "../parts/scrolling.tsx";
import { fullTime } from "../parts/words.ts";
import type { Asked } from "./timeline-form.tsx";

const logWords: Record<TimelineRow["log"], string> = { care: "Records", access: "Accesses", control: "The desk" };

/** Newest first, page by page; a page is a place in the logs, which grow while they are read. */
export const TimelineList = ({ asked }: { asked: Asked }) => {
  const desk = useDesk();
  const [places, setPlaces] = useState<readonly (string | undefined)[]>([undefined]);
  const before = places.at(-1);
  const { answer: page, fault } = useAnswer(
    () => desk.read(timelinePage, "/control/v1/timeline", { ...asked, before }),
    [desk, asked, before],
  );
  if (fault !== null) return <Fault words={fault} />;
  if (!page) return <p role="status">Reading the logs…</p>;
  const goOn = () => page.next !== null && setPlaces([...places, page.next]);
  return (
    <div className="stack">
      {page.lines.length === 0 ? (
        <p role="status">
          {page.next === null
            ? "Nothing more was done in that time."
            : "Nothing yet among what was read. Older goes on."}
        </p>
      ) : (
        <Lines lines={page.lines} />
      )}
      <nav className="row" aria-label="Pages of the timeline">
        <button
          type="button"
          className="button quiet"
          disabled={places.length === 1}
          onClick={() => setPlaces(places.slice(0, -1))}
        >
          Newer
        </button>
        <button type="button" className="button quiet" disabled={page.next === null} onClick={goOn}>
          Older
        </button>
      </nav>
    </div>
  );
};

const Lines = ({ lines }: { lines: readonly TimelineRow[] }) => (
  <Scrolling label="Who did what, newest first">
    <table className="table">
      <caption className="words-only">Who did what, newest first</caption>
      <thead>
        <tr>
          <th scope="col" aria-sort="descending">
            Received
          </th>
          <th scope="col">Who</th>
          <th scope="col">On</th>
          <th scope="col">What</th>
          <th scope="col">Records</th>
          <th scope="col">Log and line</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Line key={`${line.log} ${line.epoch} ${line.position}`} line={line} />
        ))}
      </tbody>
    </table>
  </Scrolling>
);

const recordsShown = 3;
const isTime = (text: string): boolean => !Number.isNaN(Date.parse(text));

const Line = ({ line }: { line: TimelineRow }) => {
  const { received, claimed, person, device, zone, outcome, words, records, recordCount, log, position, fault } = line;
  const isSystem = person === null && device === null && fault === null;
  return (
    <tr>
      <th scope="row">
        {isTime(received) ? <Instant at={received} /> : received}
        {claimed !== null && <p className="faint">on the device at {fullTime(claimed)}</p>}
      </th>
      <td>{isSystem ? "the system" : (person ?? "nobody known")}</td>
      <td>
        {device ?? "no device"}
        {zone !== null && <p className="faint">{zone}</p>}
      </td>
      <td>
        {words.charAt(0).toUpperCase() + words.slice(1)}
        {outcome === "refused" && (
          <p>
            <span className="chip wait">▲ Refused</span>
          </p>
        )}
        {fault !== null && (
          <p>
            <span className="chip alarm">■ Not as it was stored</span> {fault}
          </p>
        )}
      </td>
      <td>
        {records.slice(0, recordsShown).map((recordId) => (
          <code key={recordId} className="id">
            {recordId}
          </code>
        ))}
        {recordCount > recordsShown && `and ${recordCount - recordsShown} more`}
      </td>
      <td>
        {logWords[log]}, {position}
      </td>
    </tr>
  );
};
