import { useState } from "react";
import { type ConnectionChange, type ConnectionRow, connectionsResponse } from "#protocol/control/connections.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { HistoryDialog } from "../parts/history-dialog.tsx";
import { type Column, FindField, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { fullTime } from "../parts/words.ts";
import { ConnectionDialog } from "./connection-dialog.tsx";

type Doing = { what: "new" } | { what: "change" | "end" | "history"; row: ConnectionRow };

/** The other systems that read this trust's records, each with its own keys and no more than it was given. */
export const ConnectionsPage = () => {
  const desk = useDesk();
  const table = useTable((query) => desk.read(connectionsResponse, "/control/v1/connections", query), {
    sort: "name",
    order: "ascending",
  });
  const [doing, setDoing] = useState<Doing | null>(null);
  const done = () => setDoing(null);
  const readable = table.page?.readable ?? [];

  const columns: Column<ConnectionRow>[] = [
    { title: "System", sort: "name", heads: true, cell: (row) => row.name },
    { title: "Its client id", cell: (row) => <code className="id">{row.connectionId}</code> },
    { title: "Records of", sort: "siteId", cell: (row) => row.siteId },
    { title: "Reads", cell: (row) => (row.types.includes("*") ? "everything" : row.types.join(", ")) },
    { title: "Tokens", cell: (row) => <Proof row={row} /> },
    { title: "Until", sort: "endsAt", cell: (row) => <Until row={row} /> },
    {
      title: "Change",
      cell: (row) => (
        <span className="acts">
          <RowAct act="Change" of={row.name} onAct={() => setDoing({ what: "change", row })} />
          {!row.ended && <RowAct act="End" of={row.name} onAct={() => setDoing({ what: "end", row })} />}
          <RowAct act="History" of={`of ${row.name}`} onAct={() => setDoing({ what: "history", row })} />
        </span>
      ),
    },
  ];

  const end = async (
    { connectionId, ended: _, changed: __, waiting: ___, position, ...kept }: ConnectionRow,
    reason: string,
  ) => {
    const body: ConnectionChange = { ...kept, endsAt: new Date().toISOString(), reason, expected: position };
    await desk.change(changedResponse, `/control/v1/connections/${connectionId}`, body);
    table.refresh();
  };
  return (
    <>
      <div className="row">
        <h1 className="grow">Other systems</h1>
        <button type="button" className="button" onClick={() => setDoing({ what: "new" })}>
          New system
        </button>
      </div>
      {table.page && (
        <p className="soft">
          They read FHIR at <code>{table.page.fhirBase}</code>, and sign in there by SMART Backend Services.
        </p>
      )}
      <FindField label="Find a system or a site" onFind={table.find} />
      <TableView
        caption="Other systems that read FHIR"
        table={table}
        columns={columns}
        keyOf={(row) => row.connectionId}
        empty="No other system reads here."
      />
      {doing?.what === "new" && <ConnectionDialog readable={readable} onDone={table.refresh} onClose={done} />}
      {doing?.what === "change" && (
        <ConnectionDialog connection={doing.row} readable={readable} onDone={table.refresh} onClose={done} />
      )}
      {doing?.what === "end" && (
        <ChangeDialog
          title={`End ${doing.row.name}`}
          action={`End ${doing.row.name} now`}
          onChange={(reason) => end(doing.row, reason)}
          onStale={table.refresh}
          onClose={done}
        >
          <p>It reads nothing more from this moment. Who saw what says what it has read.</p>
        </ChangeDialog>
      )}
      {doing?.what === "history" && (
        <HistoryDialog
          title={`History of ${doing.row.name}`}
          path={`/control/v1/connections/${doing.row.connectionId}/history`}
          onClose={done}
        />
      )}
    </>
  );
};

const Proof = ({ row }: { row: ConnectionRow }) =>
  row.proof === "dpop" ? "bound to its key" : <span className="chip wait">▲ Weak: whoever holds one reads</span>;

const Until = ({ row }: { row: ConnectionRow }) => {
  if (row.waiting && !row.ended) return <span className="chip wait">▲ Waits for a second person</span>;
  if (row.endsAt === undefined) return "no end";
  return row.ended ? <span className="chip">■ Ended {fullTime(row.endsAt)}</span> : fullTime(row.endsAt);
};
