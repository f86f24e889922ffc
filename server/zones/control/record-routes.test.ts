import { spawnSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import type { DeskRecord } from "#protocol/control/records.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import { enrolTestDevice, incident, note, push, runOf, testChain } from "#test/devices.ts";
import { useServer } from "#test/set-up.ts";
import { uuid7 } from "../../../bench/workload.ts";

const server = useServer();
let office: TestDesk;
let recordId: string;
const because = { "holdfast-reason": encodeURIComponent("Request 1234 of the coroner") };
beforeAll(async () => {
  office = await openTestDesk(server, "n-field", ["records"]);
  const tablet = await enrolTestDevice(server, "crew");
  const chain = testChain();
  const notes = [note("Neighbour PLANTED-AWAY let us in"), note("PLANTED-KEPT pain since noon")];
  await push(server, tablet, await runOf(tablet, chain, incident, ...notes));
  recordId = chain.recordId;
});

const read = async (): Promise<DeskRecord> => (await office.get(`records/${recordId}`, because)).json<DeskRecord>();
const lineWith = async (text: string) => (await read()).lines.find(({ detail }) => detail.includes(text))!;

test("a record is read with a reason, which its access line keeps; and by nobody of another role", async () => {
  expect((await office.get(`records/${recordId}`)).json().code).toBe("reason-needed");
  expect((await read()).lines).toHaveLength(3);
  const cell = server.cells.get("northmoor")!;
  const { lines } = await accessQueries(cell.pools.control, cell.keyRing).ofRecord(recordId);
  expect(lines[0]).toMatchObject({ action: "desk-read", purpose: "records", reason: "Request 1234 of the coroner" });
  const security = await openTestDesk(server, "n-kerr", ["security"]);
  expect((await security.get(`records/${recordId}`, because)).json().code).toBe("not-your-role");
  expect((await office.get(`records/${uuid7()}`, because)).status).toBe(404);
});

test("the database gives the desk no record whose access line has not committed", async () => {
  const { pools } = server.cells.get("northmoor")!;
  const tablet = await enrolTestDevice(server, "crew");
  const chain = testChain();
  await push(server, tablet, await runOf(tablet, chain, incident));
  const ask = () => pools.control.query("SELECT * FROM record_for_desk($1)", [chain.recordId]);
  expect((await ask()).rowCount).toBe(0);
  await office.get(`records/${chain.recordId}`, because);
  expect((await ask()).rowCount).toBe(1);
});

test("a copy leaves out what was withheld, says so, and stays in the record's history", async () => {
  const { rootId } = await lineWith("PLANTED-AWAY");
  const withheld = [{ rootId, reason: "About a neighbour" }];
  const asked = { for: "coroner", withheld, reason: "Inquest" };
  const copy = await office.post(`records/${recordId}/copy`, asked, because);
  expect([copy.status, copy.headers["content-type"]]).toEqual([200, "application/pdf"]);
  const { stdout, error } = spawnSync("pdftotext", ["-raw", "-", "-"], { input: copy.bytes });
  if (error === undefined) {
    const text = stdout.toString();
    expect(text).toContain("PLANTED-KEPT");
    expect(text).toContain("About a neighbour");
    expect(text).not.toContain("PLANTED-AWAY");
  }
  const { lines } = (await office.get(`records/${recordId}/history`, because)).json();
  expect(lines[0]).toMatchObject({ by: "Jo Field", reason: "Inquest", fields: [{ field: "lastCopy" }] });
  const all = (await read()).lines.map((line) => ({ rootId: line.rootId, reason: "All of it" }));
  const none = await office.post(`records/${recordId}/copy`, { ...asked, withheld: all }, because);
  expect(none.json().code).toBe("all-withheld");
});

test("a mark restricts the record at once, a hold stays beside it, and a change from an older state is refused", async () => {
  const { position } = await read();
  const marks = { restricted: "staff", hold: true, reason: "A colleague", expected: position };
  expect((await office.post(`records/${recordId}/marks`, marks, because)).status).toBe(200);
  expect(await read()).toMatchObject({ restricted: "staff", hold: true });
  await expect.poll(() => server.cells.get("northmoor")!.restricted.has(recordId)).toBe(true);
  expect((await office.post(`records/${recordId}/marks`, marks, because)).json().code).toBe("changed-meanwhile");
  const lifted = { hold: true, reason: "Has left the trust", expected: (await read()).position };
  expect((await office.post(`records/${recordId}/marks`, lifted, because)).status).toBe(200);
  await expect.poll(() => server.cells.get("northmoor")!.restricted.has(recordId)).toBe(false);
  expect((await read()).hold).toBe(true);
});
