import { useState } from "react";
import * as z from "zod/mini";
import { type SessionRow, sessionsResponse } from "#protocol/control/sessions.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { Instant } from "../parts/instant.tsx";
import { type Column, FindField, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";

const zoneWords: Record<string, string> = { crew: "Tablet", care: "Hospital", control: "Desk" };

export const SessionsPage = () => {
  const desk = useDesk();
  const table = useTable((query) => desk.read(sessionsResponse, "/control/v1/sessions", query), {
    sort: "used",
    order: "descending",
  });
  const [ending, setEnding] = useState<SessionRow | null>(null);
  const who = (row: SessionRow): string => row.person ?? "Another system";

  const columns: Column<SessionRow>[] = [
    { title: "Who", sort: "person", heads: true, cell: (row) => who(row) },
    { title: "On", sort: "device", cell: (row) => row.device ?? "no device" },
    { title: "Where", sort: "zone", cell: (row) => zoneWords[row.zone] ?? row.zone },
    { title: "Since", sort: "started", cell: (row) => <Instant at={row.started} /> },
    { title: "Last renewed", sort: "used", cell: (row) => <Instant at={row.used} /> },
    { title: "Ends by itself", sort: "ends", cell: (row) => <Instant at={row.ends} /> },
    {
      title: "Change",
      cell: (row) =>
        row.own ? "This is you" : <RowAct act="End" of={`the session of ${who(row)}`} onAct={() => setEnding(row)} />,
    },
  ];
  return (
    <>
      <h1>Signed in now</h1>
      <FindField label="Find a person or a device" onFind={table.find} />
      <TableView
        caption="People who are signed in now"
        table={table}
        columns={columns}
        keyOf={(row) => row.sessionId}
        empty="Nobody is signed in."
      />
      {ending && (
        <ChangeDialog
          title={`End the session of ${who(ending)}`}
          action="End the session"
          onChange={async (reason) => {
            await desk.change(z.object({}), `/control/v1/sessions/${ending.sessionId}/end`, { reason });
            table.refresh();
          }}
          onStale={table.refresh}
          onClose={() => setEnding(null)}
        >
          <p>It reads nothing more, at once. What a tablet has still to send is sent.</p>
        </ChangeDialog>
      )}
    </>
  );
};
