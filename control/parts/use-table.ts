import { useCallback, useEffect, useRef, useState } from "react";
import type { Page } from "#protocol/control/page.ts";
import { wordsOf } from "./words.ts";

/** What a table asks the server for. */
export type TableQuery = {
  page: number;
  sort: string;
  order: "ascending" | "descending";
  find: string;
};

export interface Table<Row> {
  query: TableQuery;
  /** Undefined until the first answer. */
  page: Page<Row> | undefined;
  fault: string | null;
  busy: boolean;
  sortBy(column: string): void;
  goTo(page: number): void;
  find(words: string): void;
  /** Asks again, as after a change. */
  refresh(): void;
}

/** A table whose sorting, searching and paging the server does. An answer that was overtaken by a later question is dropped. */
export const useTable = <Row>(
  load: (query: TableQuery) => Promise<Page<Row>>,
  first: Pick<TableQuery, "sort" | "order">,
): Table<Row> => {
  const [query, setQuery] = useState<TableQuery>({ page: 1, find: "", ...first });
  const [page, setPage] = useState<Page<Row>>();
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(true);
  const asked = useRef(0);
  const latest = useRef(load);
  latest.current = load;

  const ask = useCallback(async (of: TableQuery) => {
    const mine = ++asked.current;
    setBusy(true);
    try {
      const answer = await latest.current(of);
      if (mine !== asked.current) return;
      setPage(answer);
      setFault(null);
    } catch (failure) {
      if (mine === asked.current) setFault(wordsOf(failure));
    }
    if (mine === asked.current) setBusy(false);
  }, []);
  useEffect(() => void ask(query), [ask, query]);

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
    refresh: () => void ask(query),
  };
};
