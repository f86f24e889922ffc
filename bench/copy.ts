import type pg from "pg";

/** PostgreSQL's own COPY, in its binary format, over a connection: the same rows with no work of ours. */

/** What `pg` has for COPY and its types do not name. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

const chunkBytes = 1_000_000;

/** Rows of a query as COPY's bytes, in chunks. */
export const copyOut = (client: pg.Client, query: string): Promise<Buffer[]> => {
  const messages: Buffer[] = [];
  return new Promise((resolve, reject) => {
    client.query({
      ...ignored,
      submit: (connection: pg.Connection) => connection.query(`COPY (${query}) TO STDOUT (FORMAT binary)`),
      // Its reader uses the bytes again.
      handleCopyData: ({ chunk }: { chunk: Buffer }) => messages.push(Buffer.from(chunk)),
      handleError: reject,
      handleReadyForQuery: () => resolve(inChunks(messages)),
    } as pg.Submittable);
  });
};

/** Resolves once the rows are in the table, in one transaction. */
export const copyIn = (client: pg.Client, table: string, chunks: readonly Buffer[]): Promise<void> =>
  new Promise((resolve, reject) => {
    client.query({
      ...ignored,
      submit: (connection: pg.Connection) => connection.query(`COPY ${table} FROM STDIN (FORMAT binary)`),
      handleCopyInResponse: (connection: CopyConnection) => {
        for (const chunk of chunks) connection.sendCopyFromChunk(chunk);
        connection.endCopyFrom();
      },
      handleError: reject,
      handleReadyForQuery: () => resolve(),
    } as pg.Submittable);
  });

const ignored = { handleCommandComplete: () => {} };

const inChunks = (messages: readonly Buffer[]): Buffer[] => {
  const chunks: Buffer[] = [];
  for (let from = 0; from < messages.length; ) {
    let to = from;
    for (let bytes = 0; to < messages.length && bytes < chunkBytes; to++) bytes += messages[to]!.length;
    chunks.push(Buffer.concat(messages.slice(from, to)));
    from = to;
  }
  return chunks;
};
