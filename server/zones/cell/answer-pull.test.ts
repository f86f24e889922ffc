import { expect, test } from "vitest";
import type { Cell } from "../../cell.ts";
import type { RecordReader } from "../../logs/record-reader.ts";
import { answerPull } from "./answer-pull.ts";

const recordId = "00000000-0000-7000-8000-000000000001";

test("[S05] a record that leaves the caller's scope between its head and its lines moves no cursor past them", async () => {
  const cell = { state: () => ({ epoch: 1 }) } as Cell;
  const reader: RecordReader = {
    held: async () => [],
    heads: async () => new Map([[recordId, 9]]),
    lines: async () => [],
  };
  const asked = { protocol: 1, records: { [recordId]: { epoch: 1, position: 4 } } };
  expect(await answerPull(cell, reader, asked, async () => {})).toEqual({
    [recordId]: { lines: [], cursor: { epoch: 1, position: 4 }, more: false },
  });
});
