import { expect, test } from "vitest";
import { useTestClient } from "#test/postgres.ts";
import { int8s, timestamps } from "./binary-array.ts";

const client = useTestClient();

test("integers arrive as they are, below zero and as large as a number may be", async () => {
  const values = [
    0,
    1,
    -1,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32,
    -(2 ** 32),
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    null,
  ];
  const { rows } = await client().query<{ value: string | null }>("SELECT unnest($1::bigint[]) AS value", [
    int8s(values),
  ]);
  expect(rows.map(({ value }) => value)).toEqual(values.map((value) => value?.toString() ?? null));
});

test("instants arrive to the millisecond, before and after 2000", async () => {
  const values = [
    "1999-12-31T23:59:59.999Z",
    "2000-01-01T00:00:00.000Z",
    "2026-11-23T03:00:00.123Z",
    "1850-06-01T12:00:00.001Z",
  ];
  const text =
    "SELECT to_char(unnest($1::timestamptz[]) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS value";
  const { rows } = await client().query<{ value: string }>(text, [
    timestamps([...values.map((value) => new Date(value)), null]),
  ]);
  expect(rows.map(({ value }) => value)).toEqual([...values, null]);
});
