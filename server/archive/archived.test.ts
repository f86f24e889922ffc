import { expect, test } from "vitest";
import type { PushResponse } from "#protocol/push.ts";
import { incident, note, push, runOf, testChain } from "#test/devices.ts";
import { useArchive, useArchivedBase, useDevice } from "#test/set-up.ts";
import { sealEverything } from "./archiver.ts";
import type { Letterbox } from "./letterbox.ts";
import { openLogKey } from "./log-key.ts";

const trust = "northmoor";
const archive = useArchive();
const base = useArchivedBase(archive, "when-told");
const tablet = useDevice(base, "crew");

const sealWith = (letterbox: Letterbox): Promise<number> => {
  const { pools, keyRing } = base.cells.get(trust)!;
  const recipients = archive.recipients(trust);
  const logKey = openLogKey(archive.base, trust, keyRing);
  return sealEverything({ trust, pool: pools.archive, keyRing, letterbox, logKey, recipients });
};

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
  await expect.poll(async () => (await said()).server.archived).toBe(last);

  // Control: what was written since is not in it.
  const later = await push(base, tablet, await runOf(tablet, testChain(), incident));
  expect(later.answers[0]!.position).toBeGreaterThan(last);
  expect(later.server.archived).toBe(last);

  await base.restart();
  expect((await said()).server.archived).toBe(last);
});
