import { expect, test, vi } from "vitest";
import { enrolTestDevice, incident, push, runOf, testChain } from "#test/devices.ts";
import { useArchive, useArchivedBase, useServer } from "#test/set-up.ts";
import { restore } from "./restore.ts";

const trust = "northmoor";
const archive = useArchive();
const base = useArchivedBase(archive, "by-itself");
const served = useServer({ settings: { HOLDFAST_DEMO_PEOPLE: "0" } });

test("a trust that is being served is not restored into: nothing changes, and the refusal says what to do", async () => {
  const tablet = await enrolTestDevice(base, "crew");
  await push(base, tablet, await runOf(tablet, testChain(), incident));
  await vi.waitUntil(async () => (await archive.reader.end(trust, "care")).last > 0, { timeout: 60_000 });
  for (const { cells } of [served, base]) {
    const cell = cells.get(trust)!;
    const { incarnation } = cell.state();
    const restoring = restore({
      ...{ trust, url: cell.databaseUrl("owner"), keyRing: cell.keyRing, letterbox: archive.reader },
      ...{ logKeys: archive.logKeys(trust), identity: await archive.recoveryIdentity(trust) },
    });
    await expect(restoring).rejects.toMatchObject({
      code: "served",
      message: expect.stringContaining("an empty HOLDFAST_DATA"),
    });
    const { rows } = await cell.pools.identity.query("SELECT incarnation FROM life");
    expect(rows).toEqual([{ incarnation }]);
  }
});
