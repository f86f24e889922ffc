import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { enrolNodeDevice, type NodeDevice, syncAll } from "#demo/node-client.ts";
import { bootForTest, type TestServer } from "#test/boot.ts";
import { sql } from "#test/postgres.ts";
import { useArchive, useArchivedBase, useMachines } from "#test/set-up.ts";
import { directoryStore } from "../archive/directory-store.ts";
import { createLetterbox } from "../archive/letterbox.ts";
import { restore } from "./restore.ts";

const trust = "northmoor";
const records = 12;
const archive = useArchive();
const base = useArchivedBase(archive, "by-itself");
const emptyMachine = useMachines(trust);
let restored: TestServer | undefined;
let tablets: NodeDevice[];

beforeAll(async () => {
  const at = { host: `crew.${trust}.localhost`, port: base.ports.crew };
  tablets = await Promise.all(["DEMO-TABLET-1", "DEMO-TABLET-2"].map((code) => enrolNodeDevice({ ...at, code })));
});
afterAll(async () => {
  for (const tablet of tablets ?? []) tablet.close();
  await restored?.remove();
});

const write = async (tablet: NodeDevice, text: string): Promise<void> => {
  const author = { userId: "n-okafor", name: "Amara Okafor", role: "Paramedic", signIn: "pin" } as const;
  const recordId = crypto.randomUUID().replace(/^(.{8})-(.{4})-4/, "01990000-0000-7");
  for (const [kind, body] of [
    ["incident", { callSign: "NM201", crew: [], demonstration: true }],
    ["note", { text }],
  ] as const)
    await tablet.replica.write({ recordId, author, kind, body });
};
const held = async (server: TestServer): Promise<Map<string, string>> => {
  const url = server.cells.get(trust)!.databaseUrl("owner");
  const rows = await sql<{ entry_id: string; hash: Buffer }>(
    url,
    "SELECT entry_id, hash FROM care_line ORDER BY position",
  );
  expect(new Set(rows.map(({ entry_id }) => entry_id)).size).toBe(rows.length);
  return new Map(rows.map(({ entry_id, hash }) => [entry_id, hash.toString("hex")]));
};

test("what the base acknowledged and the archive lacks comes back from the tablets, once, and nobody does anything", async () => {
  for (let record = 0; record < records; record++)
    for (const tablet of tablets) await write(tablet, `DEMO archived ${record}`);
  for (const tablet of tablets) await syncAll(tablet.replica);
  const archived = (await held(base)).size;
  // The control log too: a restored base takes nothing from a tablet whose enrolment it does not know.
  const owner = base.cells.get(trust)!.databaseUrl("owner");
  const [control] = await sql<{ last: string }>(owner, "SELECT max(position) AS last FROM control_line");
  for (const [log, last] of [
    ["care", archived],
    ["control", Number(control!.last)],
  ] as const)
    await vi.waitUntil(async () => (await archive.reader.end(trust, log)).last >= last, { timeout: 60_000 });
  // The letterbox is gone first, as in an attack on both: the base goes on alone for a while.
  await archive.server.close();
  for (let record = 0; record < records; record++)
    for (const tablet of tablets) await write(tablet, `DEMO late ${record}`);
  for (const tablet of tablets) await syncAll(tablet.replica);
  const before = await held(base);
  expect(before.size).toBe(archived * 2);
  const { ports } = base;
  await base.remove();

  const { url, keyRing, data, stop } = await emptyMachine();
  const proof = await restore({
    url,
    keyRing,
    trust,
    letterbox: createLetterbox({
      store: directoryStore(join(archive.letterboxDirectory, "segments")),
      logKeys: () => [],
    }),
    logKeys: archive.logKeys(trust),
    identity: await archive.recoveryIdentity(trust),
  });
  await stop();
  expect(proof.logs.find(({ log }) => log === "care")?.lines).toBe(archived);

  restored = await bootForTest({
    data,
    settings: { HOLDFAST_CREW_PORT: String(ports.crew), HOLDFAST_CARE_PORT: String(ports.care) },
  });
  expect((await held(restored)).size).toBe(archived);
  // A round may fail on a connection of the base that is gone: a tablet tries again until it is done.
  for (const { replica } of tablets)
    await vi.waitUntil(async () => (await syncAll(replica)).result === "done", { timeout: 60_000 });
  expect(await held(restored)).toEqual(new Map([...(await held(restored))].filter(([id]) => before.has(id))));
  expect((await held(restored)).size).toBe(before.size);
  for (const [id, hash] of await held(restored)) expect(before.get(id)).toBe(hash);
});
