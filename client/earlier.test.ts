import "fake-indexeddb/auto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accessesRequest } from "#protocol/accesses.ts";
import type { PullRequest } from "#protocol/pull.ts";
import { createReplica } from "#sync/replica.ts";
import { createAccesses } from "./accesses.ts";
import { Database } from "./database.ts";
import { createEarlier, type EarlierRecord, entriesOf, keptHoursMax } from "./earlier.ts";
import { createScreenKey } from "./keys.ts";
import { browserRandom, hashText } from "./ports.ts";
import { onlyServer } from "./servers.ts";
import { createReplicaStore } from "./store.ts";

const endpoint = { servers: onlyServer("http://crew.northmoor.localhost:7401") };
const server = {
  protocol: 1,
  trust: "northmoor",
  epoch: 1,
  incarnation: browserRandom.uuid(),
  time: "2026-11-23T03:00:00.000Z",
};
const recordId = "00000000-0000-7000-8000-000000000001";
const author = "00000000-0000-7000-8000-00000000000a";
const opening = { recordId, openedBy: "user-1", reason: "Père à côté", yours: false };

const lineOf = async (n: number) => {
  const clock = "2026-11-22T14:33:00.000Z";
  const entry = JSON.stringify({
    id: `00000000-0000-7000-8000-00000000001${n}`,
    recordId,
    deviceId: author,
    n,
    prev: n === 1 ? null : "0".repeat(64),
    kind: "note",
    v: 1,
    salt: "0".repeat(32),
    occurredAt: clock,
    recorded: { clock, timeZone: "Europe/London", serverOffsetMs: null, serverOffsetAgeMs: null },
    author: { userId: "u", name: "Testcase", role: "Paramedic", signIn: "pin" },
    body: { text: `PLANTED ${n}` },
  });
  return { position: n, received: clock, deviceId: author, hash: await hashText(entry), entry };
};

/** A device whose base answers each pull with the next of these pages. */
const device = async (pages: readonly unknown[]) => {
  const database = new Database(browserRandom.uuid());
  const dataKey = await createScreenKey();
  const store = createReplicaStore(database, dataKey);
  const asked: { body: { records: Record<string, unknown> }; reason: string | undefined }[] = [];
  vi.stubGlobal("fetch", async (_url: URL, init: RequestInit & { headers: Record<string, string> }) => {
    asked.push({ body: JSON.parse(String(init.body)), reason: init.headers["holdfast-reason"] });
    return Response.json({ server, records: { [recordId]: pages[asked.length - 1] } });
  });
  const accesses = createAccesses(database, dataKey, endpoint);
  const deviceId = browserRandom.uuid();
  const earlier = createEarlier({ database, dataKey, endpoint, store, deviceId, onUnanswered: accesses.unanswered });
  const atRest = async () => {
    const rows = await database.run((tables) => tables.things.where(":id").startsWith("earlier ").toArray());
    return rows.map(({ value }) => Buffer.from(value as Uint8Array).toString("latin1"));
  };
  return { earlier, accesses, store, asked, atRest };
};
const page = (lines: unknown[], position: number, more = false) => ({ lines, cursor: { epoch: 1, position }, more });
const opened = async (): Promise<EarlierRecord> => (await device([page([await lineOf(1)], 1)])).earlier.open(opening);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a record that is opened for a reason", () => {
  it("is fetched page by page, and each request says why", async () => {
    const { earlier, asked, store } = await device([page([await lineOf(1)], 1, true), page([await lineOf(2)], 2)]);
    const record = await earlier.open(opening);
    expect(entriesOf(record).map(({ body }) => body.text)).toEqual(["PLANTED 1", "PLANTED 2"]);
    expect(asked.map(({ body, reason }) => [body.records[recordId], decodeURIComponent(reason!)])).toEqual([
      [{ epoch: 0, position: 0 }, opening.reason],
      [{ epoch: 1, position: 1 }, opening.reason],
    ]);
    expect(await store.records()).toEqual([]);
  });

  it("is not shown where an entry is another than its hash says, or of another record", async () => {
    const line = await lineOf(1);
    const changed = { ...line, entry: line.entry.replace("PLANTED", "FORGED") };
    await expect((await device([page([changed], 1)])).earlier.open(opening)).rejects.toThrow("did not arrive whole");
    const other = line.entry.replace(recordId, "00000000-0000-7000-8000-000000000002");
    const moved = { ...line, entry: other, hash: await hashText(other) };
    await expect((await device([page([moved], 1)])).earlier.open(opening)).rejects.toThrow("did not arrive whole");
  });

  it("says who can help where the base does not open it", async () => {
    const { earlier } = await device([{ refused: "not-in-scope" }]);
    await expect(earlier.open(opening)).rejects.toThrow("clinical hub");
  });

  it("lies sealed on the disk, for the person who opened it alone", async () => {
    const record = await opened();
    const { earlier, atRest } = await device([]);
    await earlier.keep(record);
    const [bytes] = await atRest();
    expect(bytes).not.toContain("PLANTED");
    expect(await earlier.kept("user-1")).toEqual([record]);
    expect(await earlier.kept("user-2")).toEqual([]);
    expect(await atRest()).toHaveLength(1);
  });

  it("goes with the shift, or after its longest", async () => {
    const record = await opened();
    const { earlier, atRest } = await device([]);
    await earlier.keep(record);
    await earlier.drop();
    expect(await atRest()).toEqual([]);
    await earlier.keep(record);
    vi.useFakeTimers({ now: record.openedAtMs + keptHoursMax * 3_600_000 + 1, toFake: ["Date"] });
    expect(await earlier.kept("user-2")).toEqual([]);
    expect(await atRest()).toEqual([]);
  });

  it.each([
    ["after the longest shift", keptHoursMax * 3_600_000 + 1],
    ["where the clock was set back to before it", -1],
  ])("goes by itself %s, though nobody looks at what is kept", async (_when, laterMs) => {
    const record = await opened();
    const { earlier, atRest } = await device([]);
    await earlier.keep(record);
    vi.useFakeTimers({ now: record.openedAtMs, toFake: ["Date", "setInterval", "clearInterval"] });
    const stop = earlier.sweeping();
    vi.advanceTimersByTime(60_000);
    expect(await earlier.kept("user-1")).toHaveLength(1);
    vi.setSystemTime(record.openedAtMs + laterMs - 60_000);
    vi.advanceTimersByTime(60_000);
    await expect.poll(atRest).toEqual([]);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is none of sync's business until the crew joins it, and then it is held as if it had been pulled", async () => {
    const record = await opened();
    const { earlier, store, atRest } = await device([]);
    await earlier.keep(record);
    expect([await store.records(), await store.waiting({ entriesMax: 10, bytesMax: 10_000 })]).toEqual([[], []]);
    await earlier.join(record);
    expect(await atRest()).toEqual([]);
    expect(await store.records()).toMatchObject([{ recordId, cursor: { epoch: 1, position: 0 } }]);
    expect(await store.entriesOf(recordId)).toMatchObject([{ n: 1, state: { at: "foreign", epoch: 1, position: 1 } }]);
    expect(await store.waiting({ entriesMax: 10, bytesMax: 10_000 })).toEqual([]);
  });

  it("is read from its start once joined: a base in a new life has given its places anew", async () => {
    const record = await opened();
    const { earlier, store } = await device([]);
    const places: unknown[] = [];
    const restored = { ...server, incarnation: browserRandom.uuid() };
    // The restored base has what the opened copy lacks, at the place where the copy ended.
    const other = await lineOf(2);
    const pull = async ({ records }: PullRequest) => {
      places.push(records[recordId]);
      const lines = [
        { ...other, position: 1 },
        { ...(await lineOf(1)), position: 2 },
      ];
      const after = records[recordId]?.position ?? 0;
      const answer = { lines: lines.filter(({ position }) => position > after), cursor: { epoch: 1, position: 2 } };
      return { server: restored, records: records[recordId] ? { [recordId]: { ...answer, more: false } } : {} };
    };
    await store.setServer(restored);
    await earlier.join(record);
    const replica = createReplica({
      store,
      transport: {
        pull,
        push: async () => ({ server: restored, answers: [], need: [], lanes: [] }),
        heads: async () => ({ server: restored, need: [] }),
      },
      signer: { deviceId: browserRandom.uuid(), sign: async () => "" },
      hash: hashText,
      clock: { nowMs: Date.now, timeZone: () => "Europe/London" },
      random: browserRandom,
    });
    await replica.syncOnce();
    expect(places).toEqual([{ epoch: 1, position: 0 }]);
    expect((await replica.entries(recordId)).map(({ n }) => n).sort()).toEqual([1, 2]);
  });
});

describe("a look-up", () => {
  const by = { nhsNumber: "9999999484" };
  const person = { userId: "user-1", name: "Testcase", role: "Paramedic", signIn: "pin" } as const;
  const answers = (answer: () => Response) => {
    const sent: string[] = [];
    vi.stubGlobal("fetch", async (url: URL, init: RequestInit) => {
      if (url.pathname === "/sync/v1/find") return answer();
      sent.push(String(init.body));
      const { accesses } = accessesRequest.parse(JSON.parse(String(init.body)));
      return Response.json({ server, stored: accesses.map(({ id }) => id) });
    });
    return sent;
  };

  it("that no server answers is told to the base, with who and in which record, and not whom it was for", async () => {
    const { earlier, accesses } = await device([]);
    const sent = answers(() => {
      throw new TypeError("no network");
    });
    await expect(earlier.find(by, "In front of me", { by: person, about: recordId })).rejects.toThrow("did not answer");
    await accesses.tell();
    expect(accessesRequest.parse(JSON.parse(sent[0]!)).accesses).toMatchObject([
      { recordId, unanswered: "nhs-number", person },
    ]);
    expect(sent.join()).not.toContain(by.nhsNumber);
    expect(sent.join()).not.toContain("In front of me");
  });

  it("that a server answers or refuses is noted there, and told by nobody again", async () => {
    const { earlier, accesses } = await device([]);
    const sent = answers(() => Response.json({ server, found: [], more: false }));
    await earlier.find(by, "In front of me", { by: person });
    answers(() => new Response("{}", { status: 403 }));
    await expect(earlier.find(by, "In front of me", { by: person })).rejects.toThrow();
    await accesses.tell();
    expect(sent).toEqual([]);
  });
});
