import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { PushResponse } from "#protocol/push.ts";
import { startTestArchive, type TestArchive } from "#test/archive.ts";
import { bootForTest, type TestServer } from "#test/boot.ts";
import { enrolTestDevice, incident, note, push, runOf, type TestDevice, testChain } from "#test/devices.ts";
import { sealEverything } from "./archiver.ts";
import type { Letterbox } from "./letterbox.ts";
import { openLogKey } from "./log-key.ts";

const trust = "northmoor";
let archive: TestArchive;
let base: TestServer;
let tablet: TestDevice;
beforeAll(async () => {
  archive = await startTestArchive();
  // What seals is the test's own, so that it says when.
  base = await bootForTest({ data: archive.base, settings: { HOLDFAST_LETTERBOX: "http://127.0.0.1:9" } });
  tablet = await enrolTestDevice(base, "crew");
});
afterAll(async () => {
  await base?.remove();
  await archive?.remove();
});

const sealWith = (letterbox: Letterbox): Promise<number> => {
  const { pools, keyRing } = base.cells.get(trust)!;
  const recipients = readFileSync(join(archive.base, "keys", `${trust}.recipients`), "utf8")
    .trim()
    .split("\n");
  const logKey = openLogKey(archive.base, trust, keyRing);
  return sealEverything({ trust, pool: pools.archive, keyRing, letterbox, logKey, recipients });
};
const archived = (): number | undefined => base.cells.get(trust)!.state().archived;

test("a tablet is told how far the archive is once a segment was taken, not when one is refused, and the same after a start", async () => {
  const run = await runOf(tablet, testChain(), incident, note("PLANTED"));
  const said = async (): Promise<PushResponse> => push(base, tablet, run);
  const { answers, server } = await said();
  const last = answers.at(-1)!.position!;
  expect(server.archived).toBe(0);

  const refusing: Letterbox = {
    ...archive.client("append"),
    take: () => Promise.reject(new Error("the disk is full")),
  };
  await expect(sealWith(refusing)).rejects.toThrow("refused");
  await base.restart();
  expect((await said()).server.archived).toBe(0);

  await sealWith(archive.client("append"));
  await vi.waitUntil(() => archived() === last, { timeout: 20_000 });
  expect((await said()).server.archived).toBe(last);

  // Control: what was written since is not in it.
  const later = await push(base, tablet, await runOf(tablet, testChain(), incident));
  expect(later.answers[0]!.position).toBeGreaterThan(last);
  expect(later.server.archived).toBe(last);

  await base.restart();
  expect((await said()).server.archived).toBe(last);
});
