import { useState } from "react";
import { changedResponse } from "#protocol/control/page.ts";
import { type PersonChange, type PersonRow, peopleResponse } from "#protocol/control/people.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { HistoryDialog } from "../parts/history-dialog.tsx";
import { type Column, FindField, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { fullTime, roleInWords } from "../parts/words.ts";
import { PersonCodeDialog } from "./person-code-dialog.tsx";
import { PersonDialog } from "./person-dialog.tsx";

type Doing = { what: "new" } | { what: "change" | "end" | "code" | "history"; row: PersonRow };

export const PeoplePage = () => {
  const desk = useDesk();
  const table = useTable((query) => desk.read(peopleResponse, "/control/v1/people", query), {
    sort: "name",
    order: "ascending",
  });
  const [doing, setDoing] = useState<Doing | null>(null);
  const done = () => setDoing(null);

  const columns: Column<PersonRow>[] = [
    { title: "Name", sort: "name", heads: true, cell: (row) => row.name },
    { title: "Staff number", sort: "staffNumber", cell: (row) => row.staffNumber },
    { title: "Roles", sort: "roles", cell: (row) => <Roles row={row} /> },
    { title: "Site", sort: "siteId", cell: (row) => row.siteId ?? "The trust" },
    { title: "Signs in with", cell: (row) => waysIn(row) },
    { title: "Until", sort: "endsAt", cell: (row) => <Until row={row} /> },
    {
      title: "Change",
      cell: (row) => (
        <span className="acts">
          <RowAct act="Change" of={row.name} onAct={() => setDoing({ what: "change", row })} />
          {!row.ended && <RowAct act="End" of={row.name} onAct={() => setDoing({ what: "end", row })} />}
          {!row.ended && <RowAct act="Code" of={`for ${row.name}`} onAct={() => setDoing({ what: "code", row })} />}
          <RowAct act="History" of={`of ${row.name}`} onAct={() => setDoing({ what: "history", row })} />
        </span>
      ),
    },
  ];

  const end = async (row: PersonRow, reason: string) => {
    const { name, staffNumber, roles, siteId, userId, position } = row;
    const kept = { name, staffNumber, roles, ...(siteId !== undefined && { siteId }) };
    const body: PersonChange = { ...kept, endsAt: new Date().toISOString(), reason, expected: position };
    await desk.change(changedResponse, `/control/v1/people/${userId}`, body);
    table.refresh();
  };
  return (
    <>
      <div className="row">
        <h1 className="grow">People and roles</h1>
        <button type="button" className="button" onClick={() => setDoing({ what: "new" })}>
          New person
        </button>
      </div>
      <FindField label="Find a person or a role" onFind={table.find} />
      <TableView
        caption="People of this trust"
        table={table}
        columns={columns}
        keyOf={(row) => row.userId}
        empty="Nobody is here yet."
      />
      {doing?.what === "new" && <PersonDialog onDone={table.refresh} onClose={done} />}
      {doing?.what === "change" && <PersonDialog person={doing.row} onDone={table.refresh} onClose={done} />}
      {doing?.what === "end" && (
        <ChangeDialog
          title={`End ${doing.row.name}`}
          action={`End ${doing.row.name} now`}
          onChange={(reason) => end(doing.row, reason)}
          onStale={table.refresh}
          onClose={done}
        >
          <p>Signed out everywhere, and nobody signs in by this name again. What the person wrote stays.</p>
        </ChangeDialog>
      )}
      {doing?.what === "code" && <PersonCodeDialog person={doing.row} onClose={done} />}
      {doing?.what === "history" && (
        <HistoryDialog
          title={`History of ${doing.row.name}`}
          path={`/control/v1/people/${doing.row.userId}/history`}
          onClose={done}
        />
      )}
    </>
  );
};

const Roles = ({ row: { roles, waiting } }: { row: PersonRow }) => (
  <span className="stack tight">
    {roles.length > 0 && <span>{roles.map(roleInWords).join(", ")}</span>}
    {waiting.length > 0 && (
      <span className="chip wait">▲ Waits for a second person: {waiting.map(roleInWords).join(", ")}</span>
    )}
  </span>
);

const waysIn = ({ passkeys, hasProvider, hasPin }: PersonRow): string =>
  [
    passkeys > 0 ? `${passkeys} ${passkeys === 1 ? "passkey" : "passkeys"}` : "",
    hasProvider ? "provider" : "",
    hasPin ? "tablet and PIN" : "",
  ]
    .filter((way) => way !== "")
    .join(", ") || "nothing yet";

const Until = ({ row }: { row: PersonRow }) => {
  if (row.endsAt === undefined) return "no end";
  return row.ended ? <span className="chip">■ Ended {fullTime(row.endsAt)}</span> : fullTime(row.endsAt);
};
