import { type Page, type PageQuery, pageRows } from "#protocol/control/page.ts";
import { ProblemError } from "../../http/problem-error.ts";

/** What a column sorts by. Text compares as people read it. */
type Sortable = string | number | undefined;

const compare = (a: Sortable, b: Sortable): number => {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en-GB", { numeric: true, sensitivity: "base" });
};

/**
 * One page of rows that match, in the order asked for. A trust has thousands of devices and people, not millions, and
 * they are sealed where they lie: so they are sorted here and not by the database. Throws 400 for a column that is none.
 */
export const pageRowsOf = <Row>(
  all: readonly Row[],
  query: PageQuery,
  columns: Record<string, (row: Row) => Sortable>,
  wordsOf: (row: Row) => readonly (string | undefined)[],
): Page<Row> => {
  const column = columns[query.sort ?? Object.keys(columns)[0]!];
  if (column === undefined) {
    const todo = `Sort by one of ${Object.keys(columns).join(", ")}.`;
    throw new ProblemError(400, "no-such-column", "This table has no such column.", todo);
  }
  const wanted = (query.find ?? "").trim().toLowerCase();
  const found =
    wanted === "" ? [...all] : all.filter((row) => wordsOf(row).some((text) => text?.toLowerCase().includes(wanted)));
  const sign = query.order === "ascending" ? 1 : -1;
  found.sort((a, b) => sign * compare(column(a), column(b)));
  const pages = Math.max(1, Math.ceil(found.length / pageRows));
  const page = Math.min(query.page, pages);
  return { rows: found.slice((page - 1) * pageRows, page * pageRows), total: found.length, page, pages };
};
