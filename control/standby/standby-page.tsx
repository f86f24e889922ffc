import type { StandbyApp, StandbyResponse, UnableRow } from "#protocol/control/standby.ts";
import { standbyResponse, unableResponse } from "#protocol/control/standby.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Scrolling } from "../parts/scrolling.tsx";
import { type Column, FindField, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { roleInWords } from "../parts/words.ts";

const appWords: Record<StandbyApp, { people: string; by: string }> = {
  tablet: { people: "Crews, on tablets", by: "a PIN" },
  hospital: { people: "Hospital staff", by: "a passkey" },
  desk: { people: "The desk", by: "a passkey" },
};

/** Whether the trust could work on the day that its base is gone: is there a standby, and who could sign in there. */
export const StandbyPage = () => {
  const desk = useDesk();
  const { answer, fault } = useAnswer(() => desk.read(standbyResponse, "/control/v1/standby"), [desk]);
  const table = useTable((query) => desk.read(unableResponse, "/control/v1/standby/people", query), {
    sort: "name",
    order: "ascending",
  });
  const columns: Column<UnableRow>[] = [
    { title: "Who", sort: "name", heads: true, cell: (row) => row.name },
    { title: "Staff number", sort: "staffNumber", cell: (row) => row.staffNumber },
    { title: "Roles", cell: (row) => row.roles.map(roleInWords).join(", ") },
    { title: "Lacks", sort: "apps", cell: lackWords },
  ];
  return (
    <>
      <h1>The standby</h1>
      <Fault words={fault} />
      {answer && <Readiness answer={answer} />}
      <h2>Who could not sign in there</h2>
      <p className="soft">
        A passkey is made after signing in with the provider, or with a code that "People and roles" gives. Crews set a
        PIN with a code likewise.
      </p>
      <FindField label="Find a person" onFind={table.find} />
      <TableView
        caption="People who could not sign in at the standby"
        table={table}
        columns={columns}
        keyOf={(row) => row.userId}
        empty="Everybody could."
      />
    </>
  );
};

const lackWords = ({ apps }: UnableRow): string => [...new Set(apps.map((app) => appWords[app].by))].join(" and ");

const Readiness = ({ answer: { isSet, apps } }: { answer: StandbyResponse }) => {
  const people = sum(apps.map((each) => each.people));
  const able = sum(apps.map((each) => each.able));
  return (
    <>
      <p className="row" role="status">
        <span className={isSet ? "chip ok" : "chip alarm"}>
          {isSet ? "✓ Devices are told of a standby" : "■ No standby is set"}
        </span>
        <strong>
          {percent(able, people)} of people {isSet ? "can sign in on the standby" : "could sign in on one"} today
        </strong>
      </p>
      {!isSet && (
        <p className="warned">
          Without one tablets and boards work alone when the base is gone. Whoever runs the base sets HOLDFAST_STANDBY.
        </p>
      )}
      <Scrolling label="Who can sign in at the standby">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Where</th>
              <th scope="col">By</th>
              <th scope="col">Can sign in</th>
              <th scope="col">Of</th>
            </tr>
          </thead>
          <tbody>
            {apps.map((each) => (
              <tr key={each.app}>
                <th scope="row">{appWords[each.app].people}</th>
                <td>{appWords[each.app].by}</td>
                <td>
                  {each.able} ({percent(each.able, each.people)})
                </td>
                <td>{each.people}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
    </>
  );
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Rounded down: 100 % is everybody. */
const percent = (part: number, whole: number): string => (whole === 0 ? "–" : `${Math.floor((100 * part) / whole)} %`);
