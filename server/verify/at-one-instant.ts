import pg from "pg";

/** Runs work in a transaction that sees the database as it is at one instant, and changes nothing. `who` names the connection. */
export const atOneInstant = async <T>(
  url: string,
  who: string,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({ connectionString: url, application_name: who });
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } finally {
    await client.end();
  }
};
