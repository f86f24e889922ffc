import { type FormEvent, type ReactNode, useState } from "react";
import { Fault } from "#ui/fault.tsx";
import { Scrolling } from "./scrolling.tsx";
import type { Table } from "./use-table.ts";

export interface Column<Row> {
  /** The server's name for it, if it sorts by it. */
  sort?: string;
  title: string;
  /** The one cell of each row that says which row it is. */
  heads?: boolean;
  cell: (row: Row) => ReactNode;
}

interface TableViewProps<Row> {
  caption: string;
  table: Table<Row>;
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  /** What to say where nothing matches. */
  empty: string;
}

/** A table with real headers, which sort; pages and search are the server's. */
export const TableView = <Row,>({ caption, table, columns, keyOf, empty }: TableViewProps<Row>) => {
  const { page, query, fault, busy } = table;
  return (
    <div className="stack" aria-busy={busy}>
      <Fault words={fault} />
      <Scrolling label={caption}>
        <table className="table">
          <caption className="words-only">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <HeaderCell key={column.title} column={column} table={table} />
              ))}
            </tr>
          </thead>
          <tbody>
            {page?.rows.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column) =>
                  column.heads ? (
                    <th key={column.title} scope="row">
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.title}>{column.cell(row)}</td>
                  ),
                )}
              </tr>
            ))}
            {page?.rows.length === 0 && (
              <tr>
                <td colSpan={columns.length}>{query.find === "" ? empty : `Nothing matches “${query.find}”.`}</td>
              </tr>
            )}
          </tbody>
        </table>
      </Scrolling>
      {page && <PagesOf page={page.page} pages={page.pages} total={page.total} goTo={table.goTo} of={caption} />}
    </div>
  );
};

const HeaderCell = <Row,>({ column, table }: { column: Column<Row>; table: Table<Row> }) => {
  const { sort, title } = column;
  const { query, sortBy } = table;
  if (sort === undefined) return <th scope="col">{title}</th>;
  const isSorted = query.sort === sort;
  return (
    <th scope="col" aria-sort={isSorted ? query.order : "none"}>
      <button type="button" className="sort" onClick={() => sortBy(sort)}>
        {title}
        <span aria-hidden>{isSorted ? (query.order === "ascending" ? " ▲" : " ▼") : ""}</span>
      </button>
    </th>
  );
};

interface PagesProps {
  page: number;
  pages: number;
  total: number;
  goTo: (page: number) => void;
  /** The table's caption. */
  of: string;
}

export const PagesOf = ({ page, pages, total, goTo, of }: PagesProps) => (
  <nav className="row" aria-label={`Pages of: ${of}`}>
    <button type="button" className="button quiet" disabled={page <= 1} onClick={() => goTo(page - 1)}>
      Previous page
    </button>
    <span role="status">
      Page {page} of {pages}, {total} {total === 1 ? "row" : "rows"}
    </span>
    <button type="button" className="button quiet" disabled={page >= pages} onClick={() => goTo(page + 1)}>
      Next page
    </button>
  </nav>
);

interface RowActProps {
  act: string;
  /** What it is done to, read out after it: a table's ten "Change" are ten different buttons. */
  of: string;
  onAct: () => void;
}

/** One thing that can be done with a row. */
export const RowAct = ({ act, of, onAct }: RowActProps) => (
  <button type="button" className="button quiet" onClick={onAct}>
    {act}
    <span className="words-only"> {of}</span>
  </button>
);

/** Words to look for in a table; sent with Enter, so that the server is not asked for every letter. */
export const FindField = ({ label, onFind }: { label: string; onFind: (words: string) => void }) => {
  const [words, setWords] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFind(words.trim());
  };
  return (
    <search>
      <form className="row" onSubmit={submit}>
        <label className="field inline">
          {label}
          <input type="search" value={words} onChange={(event) => setWords(event.target.value)} maxLength={100} />
        </label>
        <button type="submit" className="button quiet">
          Find
        </button>
      </form>
    </search>
  );
};
