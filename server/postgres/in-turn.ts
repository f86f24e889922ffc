import type pg from "pg";

/** A connection for two who work side by side: each statement waits for the one before it. */
export const inTurn = (client: pg.ClientBase): Pick<pg.ClientBase, "query"> => {
  let last: Promise<unknown> = Promise.resolve();
  const query = (asked: pg.QueryConfig | string, values?: unknown[]): Promise<pg.QueryResult> => {
    const next = last.then(() => client.query(asked as string, values));
    last = next.catch(() => {});
    return next;
  };
  return { query: query as pg.ClientBase["query"] };
};
