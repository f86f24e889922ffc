import type pg from "pg";
import { expect, test } from "vitest";
import type { ProvedLog } from "#protocol/control/proof.ts";
import { addClaims } from "./claims.ts";
import { problemsMax, recordsMax } from "./verify-log.ts";

const claim = (record_id: string) => ({
  device_id: "tablet",
  record_id,
  n: 2,
  hash: Buffer.alloc(32),
  signature: "",
  stored: null,
});
const careLog = (): ProvedLog => ({
  log: "care",
  lines: 10,
  provenTo: 10,
  provenAt: null,
  cosigned: true,
  cleanLine: 10,
  problems: [],
  problemCount: 0,
  records: ["r0"],
  recordCount: 1,
});
const claimed = async (...rows: ReturnType<typeof claim>[]): Promise<ProvedLog> => {
  const care = careLog();
  const client = { query: async () => ({ rows }) } as unknown as pg.ClientBase;
  await addClaims(client, { isSigned: () => true, end: () => undefined }, care, 0);
  return care;
};

test("what devices signed and the log lacks is told with its record, which is named once", async () => {
  const found = await claimed(claim("r0"), claim("r1"), claim("r1"));
  expect(found.problems.map(({ kind }) => kind)).toEqual(["missing", "missing", "missing"]);
  expect(found).toMatchObject({ problemCount: 3, records: ["r0", "r1"], recordCount: 2 });
});

test("of very many, as after a restore, as many are listed as of any other fault, and all are counted", async () => {
  const found = await claimed(...Array.from({ length: 5_000 }, (_, i) => claim(`r${i}`)));
  expect([found.problems.length, found.records.length]).toEqual([problemsMax, recordsMax]);
  expect([found.problemCount, found.recordCount]).toEqual([5_000, 5_000]);
});
