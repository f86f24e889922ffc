import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { useTestClient } from "#test/postgres.ts";
import { bytea, type Column, copyIn, copyRows, instant, int4, int8, text, uuid } from "./copy.ts";

const client = useTestClient();

interface Row {
  id: number;
  small: number | null;
  who: string | null;
  ms: number | null;
  words: string | null;
  bytes: Uint8Array | null;
}
const columns: readonly Column<Row>[] = [
  int8("id", ({ id }) => id),
  int4("small", ({ small }) => small),
  uuid("who", ({ who }) => who),
  instant("at", ({ ms }) => ms),
  text("words", ({ words }) => words),
  bytea("bytes", ({ bytes }) => bytes),
];
const nulls = { small: null, who: null, ms: null, words: null, bytes: null };

const copied = async (rows: readonly Row[], lateRows: Iterable<Row> = rows): Promise<Row[]> => {
  await client().query(`CREATE TEMP TABLE copied (bytes bytea, id bigint PRIMARY KEY, small int CHECK (small <> 13), who uuid,
    at timestamptz, words text)`);
  try {
    const names = columns.map(({ name }) => name);
    await copyIn(client(), "copied", names, copyRows(columns, lateRows));
    const found = await client().query<Omit<Row, "ms"> & { at: Date | null }>("SELECT * FROM copied ORDER BY id");
    return found.rows.map(({ at, ...row }) => ({ ...row, id: Number(row.id), ms: at?.getTime() ?? null }));
  } finally {
    await client().query("DROP TABLE copied");
  }
};

test("rows arrive as they are: nulls, nothing, before 2000, to the millisecond, beyond ASCII", async () => {
  const rows: Row[] = [
    { id: 1, ...nulls },
    {
      id: 2 ** 40,
      small: -7,
      who: "0199d000-0a1b-7fed-8cba-987654321fff",
      ms: Date.parse("2026-11-23T03:00:00.123Z"),
      words: 'å\u2028"\\\n🚑',
      bytes: Buffer.from([0, 255, 10, 195]),
    },
    { ...nulls, id: 2 ** 40 + 1, ms: Date.parse("1850-06-01T12:00:00.001Z"), words: "", bytes: Buffer.alloc(0) },
  ];
  expect(await copied(rows)).toEqual(rows);
});

test("also none, many, and one larger than what is sent at a time", async () => {
  expect(await copied([])).toEqual([]);
  const words = "å".repeat(3_000_000);
  const rows: Row[] = Array.from({ length: 20_000 }, (_, id) => ({ ...nulls, id, words: `row ${id} `.repeat(20) }));
  rows.push({ ...nulls, id: 20_000, words, bytes: Buffer.alloc(1_500_000, 7) });
  const digest = (all: readonly Row[]) => hash("sha256", JSON.stringify(all.map((row) => Object.entries(row).sort())));
  expect(digest(await copied(rows))).toEqual(digest(rows));
});

test("of rows that are refused, or cannot be made, none is there, and the connection goes on", async () => {
  const one = { ...nulls, id: 1 };
  await expect(copied([one, { ...nulls, id: 2, small: 13 }])).rejects.toThrow(/check constraint/);
  const failing = function* (): Generator<Row> {
    yield one;
    throw new Error("no more rows");
  };
  await expect(copied([], failing())).rejects.toThrow(/no more rows/);
  expect(await copied([one])).toEqual([one]);
});
