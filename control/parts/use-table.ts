import { useEffect, useState } from "react";
import type { Page } from "#protocol/control/page.ts";
import { useAnswer } from "#ui/use-answer.ts";

/** What a table asks the server for. */
export type TableQuery = {
  page: number;
  sort: string;
  order: "ascending" | "descending";
  find: string;
};

/** `More`: what the server tells besides the rows. */
export interface Table<Row, More = object> {
  query: TableQuery;
  /** Undefined until the first answer. */
  page: (Page<Row> & More) | undefined;
  fault: string | null;
  busy: boolean;
  sortBy(column: string): void;
  goTo(page: number): void;
  find(words: string): void;
  /** Asks again, as after a change. */
  refresh(): void;
}

/** A table whose sorting, searching and paging the server does. `everyMs`: asks again by itself while somebody can see it. */
export const useTable = <Row, More>(
  load: (query: TableQuery) => Promise<Page<Row> & More>,
  first: Pick<TableQuery, "sort" | "order">,
  everyMs?: number,
): Table<Row, More> => {
  const [query, setQuery] = useState<TableQuery>({ page: 1, find: "", ...first });
  const { answer: page, fault, busy, refresh } = useAnswer(() => load(query), [query]);
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => document.visibilityState === "visible" && refresh(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, refresh]);
  return {
    query,
    page,
    fault,
    busy,
    sortBy: (column) =>
      setQuery((before) => ({
        ...before,
        page: 1,
        sort: column,
        order: before.sort === column && before.order === "ascending" ? "descending" : "ascending",
      })),
    goTo: (number) => setQuery((before) => ({ ...before, page: number })),
    find: (words) => setQuery((before) => ({ ...before, page: 1, find: words })),
    refresh,
  };
};
