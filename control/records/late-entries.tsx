import { lateRecords } from "#protocol/control/records.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "../parts/instant.tsx";
import { Scrolling } from "../parts/scrolling.tsx";
import { RowAct } from "../parts/table.tsx";

/** Records for which a tablet or a screen brought entries after their end. Nothing is shown while there are none. */
export const LateEntries = ({ onChoose }: { onChoose: (recordId: string) => void }) => {
  const desk = useDesk();
  const { answer, fault } = useAnswer(() => desk.read(lateRecords, "/control/v1/disposals"), [desk]);
  if (fault !== null) return <Fault words={fault} />;
  if (answer === undefined || answer.rows.length === 0) return null;
  return (
    <div className="stack">
      <h2>Entries arrived after disposal</h2>
      <p className="soft">
        They are kept under a key of their own, and nobody else reads them. Look whether they are needed; if not,
        propose disposal again.
      </p>
      <Scrolling label="Entries arrived after disposal">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Record</th>
              <th scope="col">Disposed of</th>
              <th scope="col">Entries since</th>
              <th scope="col">Last arrived</th>
              <th scope="col">Look</th>
            </tr>
          </thead>
          <tbody>
            {answer.rows.map(({ recordId, disposed, entries, lastReceived }) => (
              <tr key={recordId}>
                <th scope="row">{recordId}</th>
                <td>
                  <Instant at={disposed} />
                </td>
                <td>{entries}</td>
                <td>
                  <Instant at={lastReceived} />
                </td>
                <td>
                  <RowAct act="Choose" of={`record ${recordId}`} onAct={() => onChoose(recordId)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
    </div>
  );
};
