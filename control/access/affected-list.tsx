import { useState } from "react";
import { affectedPage } from "#protocol/control/access.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "../parts/instant.tsx";
import { Scrolling } from "../parts/scrolling.tsx";
import { PagesOf } from "../parts/table.tsx";
import { type Asked, queryOf } from "./access-form.tsx";

/** Whose data an account or a device had: the list that has to be told to patients, by record. */
export const AffectedList = ({ asked }: { asked: Asked }) => {
  const desk = useDesk();
  const [number, setNumber] = useState(1);
  const { answer: page, fault } = useAnswer(
    () => desk.read(affectedPage, "/control/v1/accesses/records", { ...queryOf(asked), page: number }),
    [desk, asked, number],
  );

  if (fault !== null) return <Fault words={fault} />;
  if (!page) return <p role="status">Asking…</p>;
  if (page.total === 0) return <p role="status">No patient's record was seen in that time.</p>;
  return (
    <div className="stack">
      <Scrolling label="Records that were seen">
        <table className="table">
          <caption className="words-only">Records that were seen, last seen first</caption>
          <thead>
            <tr>
              <th scope="col">Record</th>
              <th scope="col">Times</th>
              <th scope="col">First</th>
              <th scope="col" aria-sort="descending">
                Last
              </th>
            </tr>
          </thead>
          <tbody>
            {page.rows.map((row) => (
              <tr key={row.recordId}>
                <th scope="row">
                  <code className="id">{row.recordId}</code>
                </th>
                <td>{row.accesses}</td>
                <td>
                  <Instant at={row.first} />
                </td>
                <td>
                  <Instant at={row.last} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
      <PagesOf page={page.page} pages={page.pages} total={page.total} goTo={setNumber} of="Records" />
    </div>
  );
};
