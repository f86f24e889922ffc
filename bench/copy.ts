import type pg from "pg";

/** COPY in PostgreSQL's binary format: the fastest way for rows into a table over one connection. */

/** Writes one field of a row after its length. */
type Field = (buffer: Buffer, value: never, at: number) => number;

const int4: Field = (buffer, value: number, at) => buffer.writeInt32BE(value, at) - at;
const int8: Field = (buffer, value: string, at) => buffer.writeBigInt64BE(BigInt(value), at) - at;
const uuid: Field = (buffer, value: string, at) => buffer.write(value.replaceAll("-", ""), at, "hex");
const text: Field = (buffer, value: string, at) => buffer.write(value, at);
const bytea: Field = (buffer, value: Buffer, at) => value.copy(buffer, at);
const instant: Field = (buffer, value: Date, at) =>
  buffer.writeBigInt64BE(BigInt(value.getTime() - Date.UTC(2000, 0, 1)) * 1_000n, at) - at;

/** The columns of `care_line`, in their order. */
export const careLine = {
  position: int8,
  epoch: int4,
  received: instant,
  device_id: uuid,
  record_id: uuid,
  n: int4,
  entry_id: uuid,
  hash: bytea,
  signature: text,
  quarantine: text,
  sealed: bytea,
} as const satisfies Record<string, Field>;

const header = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)]);
const trailer = Buffer.from([0xff, 0xff]);
const chunkBytes = 1_000_000;
/** No row of ours is longer. */
const rowBytesMax = 300_000;

/** What `pg` has for COPY and its types do not name. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Encodes and sends rows as `pg` reads them; resolves once they are committed. */
export const copyIn = (
  client: pg.Client,
  table: string,
  columns: Readonly<Record<string, Field>>,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> =>
  new Promise((resolve, reject) => {
    const copy = {
      submit: (connection: CopyConnection) => connection.query(`COPY ${table} FROM STDIN (FORMAT binary)`),
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(header);
        for (const chunk of encoded(columns, rows)) connection.sendCopyFromChunk(chunk);
        connection.sendCopyFromChunk(trailer);
        connection.endCopyFrom();
      },
      handleCommandComplete: () => {},
      handleError: reject,
      handleReadyForQuery: () => resolve(),
    };
    client.query(copy as unknown as pg.Submittable);
  });

function* encoded(
  columns: Readonly<Record<string, Field>>,
  rows: readonly Readonly<Record<string, unknown>>[],
): Generator<Buffer> {
  const fields = Object.entries(columns);
  let buffer = Buffer.allocUnsafe(chunkBytes + rowBytesMax);
  let at = 0;
  for (const row of rows) {
    at = buffer.writeInt16BE(fields.length, at);
    for (const [name, write] of fields) {
      const value = row[name];
      const bytes = value === null ? -1 : write(buffer, value as never, at + 4);
      buffer.writeInt32BE(bytes, at);
      at += 4 + Math.max(0, bytes);
    }
    if (at < chunkBytes) continue;
    yield buffer.subarray(0, at);
    buffer = Buffer.allocUnsafe(chunkBytes + rowBytesMax);
    at = 0;
  }
  yield buffer.subarray(0, at);
}
