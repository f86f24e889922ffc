import pg from "pg";

/**
 * Runs work in a transaction that sees the database as it is at one instant, and changes nothing. `who` names the connection; `signal`
 * ends it: it lets go of the database, and rejects, as where the database goes away.
 */
export const atOneInstant = async <T>(
  url: string,
  who: string,
  work: (client: pg.ClientBase) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> => {
  const client = new pg.Client({ connectionString: url, application_name: who });
  // A connection that breaks while something else is read ends this work, by its next statement, and not the server.
  client.on("error", () => {});
  const stop = () => void client.end().catch(() => {});
  signal?.throwIfAborted();
  signal?.addEventListener("abort", stop);
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } finally {
    signal?.removeEventListener("abort", stop);
    await client.end();
  }
};
