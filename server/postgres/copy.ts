import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { writeInt64, writeUuid } from "./binary-array.ts";

/**
 * COPY in PostgreSQL's binary format: the fastest way for rows into a table over one connection. Of a row: int16 columns, then for each
 * its int32 byte length (−1 is null) and its bytes.
 */

/** One column of a table, and what writes a row's value in it. */
export interface Column<Row> {
  name: string;
  write(to: Rows, row: Row): void;
}
type ColumnOf<Value> = <Row>(name: string, of: (row: Row) => Value | null) => Column<Row>;

/** Rows as they are being written. */
interface Rows {
  buffer: Buffer<ArrayBuffer>;
  at: number;
}

/** `bytesMax`: of a value at most; `write` gives the place after it. */
const column =
  <Value>(
    bytesMax: (value: Value) => number,
    write: (buffer: Buffer, value: Value, at: number) => number,
  ): ColumnOf<Value> =>
  (name, of) => ({
    name,
    write: (to, row) => {
      const value = of(row);
      makeRoom(to, 4 + (value === null ? 0 : bytesMax(value)));
      const start = to.at + 4;
      to.at = value === null ? start : write(to.buffer, value, start);
      to.buffer.writeInt32BE(value === null ? -1 : to.at - start, start - 4);
    },
  });

const makeRoom = (to: Rows, bytes: number): void => {
  if (to.at + bytes <= to.buffer.length) return;
  const grown = Buffer.allocUnsafeSlow(2 * to.buffer.length + bytes);
  to.buffer.copy(grown, 0, 0, to.at);
  to.buffer = grown;
};

const fixed = <Value>(bytes: number, write: (buffer: Buffer, value: Value, at: number) => void): ColumnOf<Value> =>
  column(
    () => bytes,
    (buffer, value, at) => {
      write(buffer, value, at);
      return at + bytes;
    },
  );

export const int4 = fixed<number>(4, (buffer, value, at) => buffer.writeInt32BE(value, at));
/** Safe integers. */
export const int8 = fixed<number>(8, writeInt64);
/** Lower case. */
export const uuid = fixed<string>(16, writeUuid);
/** Milliseconds since 1970. PostgreSQL counts microseconds since 2000. */
export const instant = fixed<number>(8, (buffer, ms, at) => writeInt64(buffer, (ms - year2000Ms) * 1_000, at));
const year2000Ms = Date.UTC(2000, 0, 1);
export const bytea = column<Uint8Array>(
  (value) => value.length,
  (buffer, value, at) => {
    buffer.set(value, at);
    return at + value.length;
  },
);
export const text = column<string>(
  (value) => 3 * value.length,
  (buffer, value, at) => at + buffer.write(value, at),
);

const header = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)]);
const trailer = Buffer.from([0xff, 0xff]);
const chunkBytes = 1_000_000;

/** Adds rows to a table; resolves once the statement is done. `client` is nobody else's meanwhile. `rows`: as `copyRows` makes them. */
export const copyIn = async (
  client: pg.ClientBase,
  table: string,
  columns: readonly string[],
  rows: Iterable<Uint8Array>,
): Promise<void> => {
  await pipeline(
    Readable.from(rows, { objectMode: true }),
    client.query(copyFrom(`COPY ${table} (${columns.join(", ")}) FROM STDIN (FORMAT binary)`)),
  );
};

/** A megabyte or so at a time, with what COPY wants before and after them. */
export function* copyRows<Row>(columns: readonly Column<Row>[], rows: Iterable<Row>): Generator<Buffer<ArrayBuffer>> {
  const blank = (): Rows => ({ buffer: Buffer.allocUnsafeSlow(chunkBytes + chunkBytes / 4), at: 0 });
  let to = blank();
  to.at = header.copy(to.buffer);
  for (const row of rows) {
    makeRoom(to, 2);
    to.at = to.buffer.writeInt16BE(columns.length, to.at);
    for (const each of columns) each.write(to, row);
    if (to.at < chunkBytes) continue;
    yield to.buffer.subarray(0, to.at);
    to = blank();
  }
  makeRoom(to, trailer.length);
  to.at += trailer.copy(to.buffer, to.at);
  yield to.buffer.subarray(0, to.at);
}
