import { type LeftOutRow, leftOutResponse } from "#protocol/control/left-out.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "../parts/instant.tsx";
import { type Column, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { sentence } from "../parts/words.ts";

const columns: Column<LeftOutRow>[] = [
  { title: "When", sort: "received", heads: true, cell: (row) => <Instant at={row.received} /> },
  {
    title: "What",
    sort: "kind",
    cell: ({ kind, position }) => (kind === "" ? `Line ${position}, which cannot be read` : sentence(kind)),
  },
  { title: "Which", sort: "name", cell: (row) => row.name },
  { title: "By", sort: "by", cell: (row) => row.by },
];

/** What an earlier base changed after the line that this server goes on from. Nothing where that never was. */
export const LeftOut = () => {
  const desk = useDesk();
  const table = useTable((query) => desk.read(leftOutResponse, "/control/v1/left-out", query), {
    sort: "received",
    order: "ascending",
  });
  const isAsked = table.query.find !== "" || table.query.page > 1;
  if (table.page === undefined || (table.page.total === 0 && !isAsked)) return null;
  return (
    <>
      <h2>Changes that did not happen</h2>
      <p className="soft">
        An earlier base wrote them after the line that this server goes on from. Do again what is still wanted; what
        looks like an attacker's, tell whoever reads the old base as evidence.
      </p>
      <TableView
        caption="Changes that did not happen"
        table={table}
        columns={columns}
        keyOf={(row) => `${row.epoch}.${row.position} ${row.received}`}
        empty="None."
      />
    </>
  );
};
