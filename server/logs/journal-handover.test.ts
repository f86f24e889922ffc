import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, expect, test, vi } from "vitest";
import { admitOpenings, openingsInJournal, type SealedOpening } from "../identity/sealed-openings.ts";
import { createKeyRing } from "../sealing/key-ring.ts";
import { fileTrustKey } from "../sealing/trust-key.ts";
import { type Access, sealNotedAccess } from "./access-line.ts";
import { createAccessLog } from "./access-log.ts";
import { openLocalJournal } from "./local-journal.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-handover-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const keyRing = createKeyRing(fileTrustKey(folder, "northmoor"));
const journalOf = (name: string) => openLocalJournal(join(folder, "journal", name));
/** As after damage at rest: it can be read, and not opened. */
const damaged = { hash: "0".repeat(64), sealed: "AAAA" };
const access: Access = {
  zone: "crew",
  action: "pull",
  purpose: "direct-care",
  relation: "own-crew",
  recordIds: [crypto.randomUUID()],
};

test("an access line that cannot be opened goes aside, and the others into the log", async () => {
  const journal = journalOf("accesses");
  await journal.add(sealNotedAccess(keyRing, access), damaged, sealNotedAccess(keyRing, access));
  const query = vi.fn(async (_asked: { values: Buffer[] }) => ({ rows: [] }));
  const onStuck = vi.fn();
  await createAccessLog({ query } as unknown as pg.Pool, keyRing, journal, onStuck).drain();
  // The length of a binary array stands behind its dimensions, nulls and type.
  expect(query.mock.calls.map(([{ values }]) => values[8]!.readInt32BE(12))).toEqual([2]);
  expect(onStuck).toHaveBeenCalledTimes(1);
  expect(journal.holds()).toBe(false);
  await journal.add(damaged);
  expect(journal.holds()).toBe(true);
});

test("an opening that cannot be opened goes aside, and the others before their reviewers", async () => {
  const journal = journalOf("openings");
  const opening: SealedOpening = {
    reviewId: "review",
    account: "sealed-1",
    deviceId: crypto.randomUUID(),
    zone: "care",
    reason: "The provider is down",
    openedAt: "2026-11-23T03:00:00.000Z",
  };
  await journal.add(damaged);
  await openingsInJournal(keyRing, journal)(opening);
  const [note, onStuck] = [vi.fn(async () => {}), vi.fn()];
  await admitOpenings(keyRing, journal, note, onStuck);
  expect(note.mock.calls).toEqual([[opening]]);
  expect(onStuck).toHaveBeenCalledTimes(1);
  expect(journal.holds()).toBe(false);
});
