import { afterAll, beforeAll, expect, test } from "vitest";
import { enrolNodeDevice, type NodeDevice, syncAll } from "#demo/node-client.ts";
import { demonstrationCells, startDemonstration } from "#demo/shift.ts";
import type { Entry } from "#domain/entry/entry.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import { decodeEcg } from "#monitoring/ecg-file.ts";
import { bootForTest, type TestServer } from "./boot.ts";
import { enrolNodeScreen } from "./node-screen.ts";

let server: TestServer;
let screens: NodeDevice[];
let tablet: NodeDevice;

beforeAll(async () => {
  server = await bootForTest();
  const cells = demonstrationCells(server.ports);
  screens = await Promise.all(cells.map((cell) => enrolNodeScreen(server, cell)));
  tablet = await enrolNodeDevice(cells[0]!.crew);
});
afterAll(async () => {
  for (const device of [...(screens ?? []), tablet]) device?.close();
  await server?.remove();
});

const underWay = new Set<Arrival["state"]>(["pre-alerted", "coming", "arrived"]);
const board = async () =>
  (await Promise.all(screens.map((screen) => screen.arrivals()))).flatMap((part) => part.arrivals);
const live = async () => (await board()).filter((row) => underWay.has(row.state));
const start = () => startDemonstration({ cells: demonstrationCells(server.ports), seed: 7, tickMs: 200 });
const waitFor = (check: () => Promise<void>) =>
  expect.poll(() => check().then(() => "so", String), { timeout: 60_000 }).toBe("so");

test("the board has twelve patients at once: nine coming, three of them announced, three waiting; all say demonstration", async () => {
  const shift = start();
  await waitFor(async () => {
    const rows = await live();
    expect(rows.filter((row) => row.state === "arrived")).toHaveLength(3);
    expect(rows.filter((row) => row.state !== "arrived")).toHaveLength(9);
    expect(rows.filter((row) => row.place !== null)).toHaveLength(9);
  });
  await shift.stop();
  const rows = await live();
  expect(
    rows
      .filter((row) => row.prealerted && row.state !== "arrived")
      .map((row) => row.callSign)
      .sort(),
  ).toEqual(["M114", "M302", "W220"]);
  expect(rows.every((row) => row.demonstration)).toBe(true);
  expect(rows.find((row) => row.concern.startsWith("Child"))?.news2).toEqual({ notFor: "under-16" });
  expect(rows.find((row) => row.concern === "Inferior STEMI")?.news2).toMatchObject({ total: 3 });
});

test("the infarction's ECG is at the base, whole, and says that it is no patient's", async () => {
  const screen = screens[0]!;
  const { recordId } = (await live()).find((row) => row.concern === "Inferior STEMI")!;
  const unfollow = screen.replica.follow(recordId);
  await syncAll(screen.replica);
  unfollow();
  const entries = (await screen.replica.entries(recordId)).map((held) => JSON.parse(held.text) as Entry);
  const ecg = decodeEcg(
    await screen.getBlob(recordId, entries.find((entry) => entry.kind === "ecg")!.blobs![0]!.sha256),
  );
  expect(ecg.leads).toHaveLength(12);
  expect(ecg.source).toMatch(/not a patient/);
});

test("a shift that begins again ends the earlier one's calls, and leaves a person's alone", async () => {
  const recordId = crypto.randomUUID();
  const author = { userId: "someone", name: "Someone with a tablet", role: "Paramedic", signIn: "pin" };
  const site = { siteId: "southgate-ed", name: "Southgate ED" };
  const write = (kind: string, body: Record<string, unknown>) => tablet.replica.write({ recordId, kind, body, author });
  await write("incident", { callSign: "NM201", crew: [author], demonstration: true });
  await write("destination", { site, outcome: "see-and-convey" });
  await syncAll(tablet.replica);
  const before = new Set((await live()).map((row) => row.recordId));
  expect(before.size).toBe(13);

  const shift = start();
  await waitFor(async () => {
    const rows = await live();
    expect(rows).toHaveLength(13);
    expect(rows.filter((row) => before.has(row.recordId)).map((row) => row.recordId)).toEqual([recordId]);
  });
  await shift.stop();
});
