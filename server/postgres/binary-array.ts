/**
 * Arrays in PostgreSQL's binary wire format. `pg` sends a Buffer as a binary parameter, so one prepared statement takes a
 * whole group of lines without a text being quoted, parsed or decoded: 1.4 times the rate of text arrays.
 *
 * Layout: int32 dimensions, int32 hasNulls, int32 element type, int32 length, int32 lower bound, then for each element
 * its int32 byte length (−1 is null) and its bytes.
 */
const oid = { bytea: 17, int8: 20, int4: 23, text: 25, uuid: 2950 } as const;

const array = (type: number, elements: readonly (Uint8Array | null)[]): Buffer => {
  let size = 20;
  for (const element of elements) size += 4 + (element?.length ?? 0);
  const buffer = Buffer.allocUnsafe(elements.length === 0 ? 12 : size);
  buffer.writeInt32BE(elements.length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(elements.includes(null) ? 1 : 0, 4);
  buffer.writeInt32BE(type, 8);
  if (elements.length === 0) return buffer;
  buffer.writeInt32BE(elements.length, 12);
  buffer.writeInt32BE(1, 16);
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

/** Lower-case UUIDs. */
export const uuids = (values: readonly (string | null)[]): Buffer =>
  array(
    oid.uuid,
    values.map((value) => (value === null ? null : Buffer.from(value.replaceAll("-", ""), "hex"))),
  );

export const byteas = (values: readonly (Uint8Array | null)[]): Buffer => array(oid.bytea, values);

export const texts = (values: readonly (string | null)[]): Buffer =>
  array(
    oid.text,
    values.map((value) => (value === null ? null : Buffer.from(value, "utf8"))),
  );

/** Safe integers. */
export const int8s = (values: readonly number[]): Buffer =>
  array(
    oid.int8,
    values.map((value) => {
      const bytes = Buffer.allocUnsafe(8);
      bytes.writeBigInt64BE(BigInt(value));
      return bytes;
    }),
  );

export const int4s = (values: readonly (number | null)[]): Buffer =>
  array(
    oid.int4,
    values.map((value) => {
      if (value === null) return null;
      const bytes = Buffer.allocUnsafe(4);
      bytes.writeInt32BE(value);
      return bytes;
    }),
  );
