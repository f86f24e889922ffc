import { useState } from "react";
import { type PackRow, packsResponse } from "#protocol/control/paper.ts";
import { useDesk } from "../desk/desk-context.ts";
import { HistoryDialog } from "../parts/history-dialog.tsx";
import { Instant } from "../parts/instant.tsx";
import { type Column, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { IssueDialog, PackDialog } from "./pack-dialogs.tsx";

/** Packs that were printed: who has them, and how many of their numbers are still open. */
export const Packs = ({ onChanged }: { onChanged: () => void }) => {
  const desk = useDesk();
  const table = useTable((query) => desk.read(packsResponse, "/control/v1/paper/packs", query), {
    sort: "open",
    order: "descending",
  });
  const [issuing, setIssuing] = useState<PackRow | null>(null);
  const [adding, setAdding] = useState(false);
  const [history, setHistory] = useState<string | null>(null);
  const changed = () => {
    table.refresh();
    onChanged();
  };
  const columns: Column<PackRow>[] = [
    {
      title: "Pack",
      sort: "pack",
      heads: true,
      cell: (row) => `${row.pack}${row.machine ? ", printed without the base" : ""}`,
    },
    { title: "Forms", cell: (row) => row.forms },
    { title: "Not accounted for", sort: "open", cell: (row) => (row.open > 0 ? `▲ ${row.open}` : "None") },
    {
      title: "Given out to",
      sort: "vehicle",
      cell: (row) => (row.vehicle ? `${row.vehicle}, ${row.heldBy}` : "In the store"),
    },
    { title: "When", sort: "issuedAt", cell: (row) => (row.issuedAt ? <Instant at={row.issuedAt} /> : "—") },
    {
      title: "What to do",
      cell: (row) => (
        <span className="acts">
          <RowAct act="Give out" of={row.pack} onAct={() => setIssuing(row)} />
          <RowAct act="History" of={`of ${row.pack}`} onAct={() => setHistory(row.pack)} />
        </span>
      ),
    },
  ];
  return (
    <div className="stack">
      <header className="row">
        <h2 className="grow">Packs</h2>
        <button type="button" className="button quiet" onClick={() => setAdding(true)}>
          Make a pack known
        </button>
      </header>
      <TableView
        caption="Packs of paper forms"
        table={table}
        columns={columns}
        keyOf={(row) => row.pack}
        empty="No pack was printed yet: npx holdfast paper prints one."
      />
      {issuing && <IssueDialog row={issuing} onDone={changed} onClose={() => setIssuing(null)} />}
      {adding && <PackDialog pack="" onDone={changed} onClose={() => setAdding(false)} />}
      {history && (
        <HistoryDialog
          title={`History of ${history}`}
          path={`/control/v1/paper/packs/${history}/history`}
          onClose={() => setHistory(null)}
        />
      )}
    </div>
  );
};
