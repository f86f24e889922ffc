import { expect, test } from "vitest";
import { createLedger, faultsOf, isSent, judge, type StoredLine } from "./ledger.ts";

const trust = "northmoor";
const ledgerOf = (...ids: string[]) => {
  const ledger = createLedger();
  for (const id of ids) ledger.saved({ id, hash: `hash of ${id}`, trust, deviceId: "d", recordId: "r", savedAt: 0 });
  return ledger;
};
const lineOf = (entryId: string, position: number, more: Partial<StoredLine> = {}): StoredLine => {
  return { entryId, recordId: "r", hash: `hash of ${entryId}`, epoch: 1, position, ...more };
};
const faults = (ledger: ReturnType<typeof ledgerOf>, ...lines: StoredLine[]) =>
  faultsOf(judge(ledger.entries(trust), lines));

test("what is there once, with its bytes and in its record, is no fault", () => {
  expect(faults(ledgerOf("a", "b"), lineOf("a", 1), lineOf("b", 2), lineOf("another's", 3))).toEqual([]);
});

test("what is lost, there twice, altered, moved, quarantined or missing between others is found", () => {
  expect(faults(ledgerOf("a", "b"), lineOf("a", 1))).toEqual(["1 lost"]);
  expect(faults(ledgerOf("a"), lineOf("a", 1), lineOf("a", 2))).toEqual(["1 there twice"]);
  expect(faults(ledgerOf("a"), lineOf("a", 1, { hash: "another" }))).toEqual(["1 altered"]);
  expect(faults(ledgerOf("a"), lineOf("a", 1, { recordId: "another" }))).toEqual(["1 altered"]);
  expect(faults(ledgerOf("a", "b"), lineOf("a", 1), lineOf("b", 3))).toEqual(["1 places without a line"]);
  const quarantined = ledgerOf("a");
  quarantined.heard(new Map([["a", { at: "quarantined", code: "bad-signature" }]]));
  expect(faults(quarantined, lineOf("a", 1))).toEqual(["1 quarantined"]);
});

test("a ledger keeps when an entry was held, and each acknowledgement, of its own entries alone", () => {
  const ledger = ledgerOf("a");
  ledger.heard(new Map([["a", { at: "held", life: "x" }]]));
  ledger.heard(
    new Map([
      ["a", { at: "acknowledged", epoch: 2, position: 7 }],
      ["b", { at: "foreign", epoch: 2, position: 8 }],
    ]),
  );
  const [entry, ...others] = ledger.entries(trust);
  expect(others).toEqual([]);
  expect(entry!.heldAt).toBeGreaterThan(0);
  expect(entry!.acknowledged.map(({ epoch }) => epoch)).toEqual([2]);
  expect(ledger.entries("westvale")).toEqual([]);
});

test("an entry is sent once a base has acknowledged it after any standby held it, whatever the epoch", () => {
  const ledger = ledgerOf("a");
  const [entry] = ledger.entries(trust);
  const at = (ms: number, epoch: number) => ({ at: ms, epoch });
  expect(isSent(entry!)).toBe(false);
  expect(isSent({ ...entry!, acknowledged: [at(5, 1)] })).toBe(true);
  expect(isSent({ ...entry!, heldAt: 4, acknowledged: [at(5, 1)] })).toBe(true);
  expect(isSent({ ...entry!, heldAt: 6, acknowledged: [at(5, 1)] })).toBe(false);
  expect(isSent({ ...entry!, heldAt: 6, acknowledged: [at(5, 1), at(7, 2)] })).toBe(true);
});
