/**
 * Arrays in PostgreSQL's binary wire format. `pg` sends a Buffer as a binary parameter, so one prepared statement takes a
 * whole group of lines without a text being quoted, parsed or decoded: 1.4 times the rate of text arrays.
 *
 * Layout: int32 dimensions, int32 hasNulls, int32 element type, int32 length, int32 lower bound, then for each element
 * its int32 byte length (−1 is null) and its bytes.
 */
const oid = { bytea: 17, int8: 20, int4: 23, text: 25, timestamptz: 1184, uuid: 2950 } as const;

const array = (type: number, elements: readonly (Uint8Array | null)[]): Buffer => {
  let size = 20;
  for (const element of elements) size += 4 + (element?.length ?? 0);
  const buffer = Buffer.allocUnsafe(elements.length === 0 ? 12 : size);
  writeHeader(buffer, type, elements.length, elements.includes(null));
  if (elements.length === 0) return buffer;
  let at = 20;
  for (const element of elements) {
    buffer.writeInt32BE(element === null ? -1 : element.length, at);
    at += 4;
    if (element === null) continue;
    buffer.set(element, at);
    at += element.length;
  }
  return buffer;
};

const writeHeader = (buffer: Buffer, type: number, length: number, hasNulls: boolean): void => {
  buffer.writeInt32BE(length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(hasNulls ? 1 : 0, 4);
  buffer.writeInt32BE(type, 8);
  if (length === 0) return;
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
};

/** Elements of one length, written in place: a group holds a dozen such arrays, and a Buffer for each element is its cost. */
const fixedArray = <T>(
  type: number,
  bytes: number,
  values: readonly (T | null)[],
  write: (buffer: Buffer, value: T, at: number) => void,
): Buffer => {
  if (values.length === 0) return array(type, []);
  const nulls = values.reduce((count, value) => (value === null ? count + 1 : count), 0);
  const buffer = Buffer.allocUnsafe(20 + values.length * (4 + bytes) - nulls * bytes);
  writeHeader(buffer, type, values.length, nulls > 0);
  let at = 20;
  for (const value of values) {
    buffer.writeInt32BE(value === null ? -1 : bytes, at);
    at += 4;
    if (value === null) continue;
    write(buffer, value, at);
    at += bytes;
  }
  return buffer;
};

/** Lower-case UUIDs. */
export const uuids = (values: readonly (string | null)[]): Buffer => {
  let last: string | undefined;
  let lastAt = 0;
  return fixedArray(oid.uuid, 16, values, (buffer, value, at) => {
    // The lines of a run share their record and their device.
    if (value === last) buffer.copyWithin(at, lastAt, lastAt + 16);
    else buffer.write(value.replaceAll("-", ""), at, 16, "hex");
    last = value;
    lastAt = at;
  });
};

export const byteas = (values: readonly (Uint8Array | null)[]): Buffer => array(oid.bytea, values);

export const texts = (values: readonly (string | null)[]): Buffer =>
  array(
    oid.text,
    values.map((value) => (value === null ? null : Buffer.from(value, "utf8"))),
  );

/** Safe integers. */
export const int8s = (values: readonly (number | null)[]): Buffer => fixedArray(oid.int8, 8, values, writeInt64);

/** In two halves: a BigInt for each costs more than the rest of it. */
const writeInt64 = (buffer: Buffer, value: number, at: number): void => {
  buffer.writeInt32BE(Math.floor(value / 2 ** 32), at);
  buffer.writeUInt32BE(value - Math.floor(value / 2 ** 32) * 2 ** 32, at + 4);
};

export const int4s = (values: readonly (number | null)[]): Buffer =>
  fixedArray(oid.int4, 4, values, (buffer, value, at) => buffer.writeInt32BE(value, at));

const year2000Ms = Date.UTC(2000, 0, 1);
/** Instants, to the millisecond. PostgreSQL counts microseconds since 2000. */
export const timestamps = (values: readonly (Date | null)[]): Buffer =>
  fixedArray(oid.timestamptz, 8, values, (buffer, value, at) =>
    writeInt64(buffer, (value.getTime() - year2000Ms) * 1_000, at),
  );
