import { useState } from "react";
import { type AccessRow, accessesPage } from "#protocol/control/access.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "../parts/instant.tsx";
import { Scrolling } from "../parts/scrolling.tsx";
import { fullTime, sentence } from "../parts/words.ts";
import { type Asked, queryOf } from "./access-form.tsx";

/** Newest first, page by page. The log grows while it is read, so that pages are places in it and not numbers. */
export const AccessList = ({ asked }: { asked: Asked }) => {
  const desk = useDesk();
  const [places, setPlaces] = useState<readonly (string | undefined)[]>([undefined]);
  const before = places.at(-1);
  const { answer: page, fault } = useAnswer(
    () => desk.read(accessesPage, "/control/v1/accesses", { ...queryOf(asked), before }),
    [desk, asked, before],
  );

  if (fault !== null) return <Fault words={fault} />;
  if (!page) return <p role="status">Asking…</p>;
  if (page.lines.length === 0) return <p role="status">Nothing was seen in that time.</p>;
  return (
    <div className="stack">
      <Scrolling label="Accesses, newest first">
        <table className="table">
          <caption className="words-only">Accesses, newest first</caption>
          <thead>
            <tr>
              <th scope="col" aria-sort="descending">
                When
              </th>
              <th scope="col">Who</th>
              <th scope="col">On</th>
              <th scope="col">What</th>
              <th scope="col">For</th>
              <th scope="col">Records</th>
            </tr>
          </thead>
          <tbody>
            {page.lines.map((line) => (
              <Line key={`${line.epoch} ${line.position}`} line={line} />
            ))}
          </tbody>
        </table>
      </Scrolling>
      <nav className="row" aria-label="Pages of the accesses">
        <button
          type="button"
          className="button quiet"
          disabled={places.length === 1}
          onClick={() => setPlaces(places.slice(0, -1))}
        >
          Newer
        </button>
        <button
          type="button"
          className="button quiet"
          disabled={page.next === null}
          onClick={() => page.next !== null && setPlaces([...places, page.next])}
        >
          Older
        </button>
      </nav>
    </div>
  );
};

const recordsShown = 3;

const Line = ({ line }: { line: AccessRow }) => (
  <tr>
    <th scope="row">
      <Instant at={line.received} />
      {line.offlineAt !== undefined && <p className="faint">on the device at {fullTime(line.offlineAt)}</p>}
      {line.notedAt !== undefined && <p className="faint">noted beside the log at {fullTime(line.notedAt)}</p>}
    </th>
    <td>{line.person ? `${line.person.name} (${line.person.userId})` : "nobody signed in"}</td>
    <td>{line.device ?? line.deviceId ?? "no device"}</td>
    <td>
      {sentence(line.action)}
      {line.detail !== undefined && <p className="faint">{line.detail}</p>}
    </td>
    <td>
      {sentence(line.purpose)}, {sentence(line.relation).toLowerCase()}
      {line.reason !== undefined && <p className="faint">“{line.reason}”</p>}
    </td>
    <td>
      {line.recordIds.slice(0, recordsShown).map((recordId) => (
        <code key={recordId} className="id">
          {recordId}
        </code>
      ))}
      {line.recordIds.length > recordsShown && `and ${line.recordIds.length - recordsShown} more`}
    </td>
  </tr>
);
