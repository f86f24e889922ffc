import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "#client/client.ts";
import { headStatement } from "#protocol/push.ts";
import { createCollector } from "#sharing/film/collector.ts";
import { filmOf } from "../screens/film/record-film.ts";
import { inventedSite } from "./invented.ts";
import { openPractice, type Practice } from "./practice.ts";

const author = { userId: "u", name: "A. Reed", role: "Paramedic", signIn: "pin" };
const shift = { callSign: "NM201", vehicle: "WX70 ABC", crew: ["u"], startedAtMs: 0 };

/** The tablet's own client: whatever of it a practice touches beside what it shows is a fault. */
const realClient = () => {
  const touched: string[] = [];
  const enrolment = {
    deviceId: "real",
    trustName: "Northmoor",
    baseUrl: "http://127.0.0.1:9",
    demonstration: false,
    people: [],
    sites: [{ siteId: "southgate", name: "Southgate ED" }],
    siteKeys: [],
    certificate: { statement: "the trust's", signature: "s" },
    formulary: [],
    vehicles: [],
    kind: "tablet",
  };
  const snapshot = { phase: "ready", enrolment, person: { userId: "u", name: "A. Reed", role: "Paramedic" } };
  const client = new Proxy({} as Client, {
    get: (_target, name) => {
      if (name === "getSnapshot") return () => snapshot;
      touched.push(String(name));
      return () => {};
    },
  });
  return { client, touched };
};

describe("a practice", () => {
  let practice: Practice | undefined;
  let real: ReturnType<typeof realClient>;
  beforeEach(async () => {
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
    vi.stubGlobal("fetch", () => {
      throw new Error("A practice asks no server.");
    });
    real = realClient();
    practice = await openPractice(real.client, shift, author);
  });
  afterEach(() => {
    practice?.close();
    vi.unstubAllGlobals();
  });
  const write = (kind: string, body: Record<string, unknown>) =>
    practice!.client.replica.write({ recordId: practice!.recordId, kind, body, author });
  const done = () => practice!.getProgress().steps.map((step) => step.done);
  const obs = { pulse: { value: "80", from: "hand" } };
  const drug = { drug: "Aspirin", dose: { value: "300", unit: "mg" }, route: "oral" };

  it("is gone through from the first obs to the last entry's arrival, by the shipped replica and sequencer", async () => {
    await write("observations", obs);
    await expect.poll(done).toEqual([true, false, false, false, false]);
    practice!.setPlug("out");
    await expect.poll(done).toEqual([true, true, false, false, false]);
    await write("observations", obs);
    await write("drug", drug);
    await write("handover", { receiverName: "Nurse Demo" });
    await expect.poll(done).toEqual([true, true, true, true, false]);
    expect(practice!.client.getSnapshot()).toMatchObject({ link: "unreachable", waiting: 3 });
    practice!.setPlug("in");
    await expect.poll(done).toEqual([true, true, true, true, true]);
    expect(practice!.getProgress().result!.counts).toEqual({ entries: 8, waited: 3, arrived: 3, lost: 0, twice: 0 });
    expect([...practice!.base.counts().values()]).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(practice!.client.getSnapshot()).toMatchObject({ link: "online", waiting: 0 });
  });

  it("takes an answer that the plug cut off for no answer: the entry is sent again, and is there once", async () => {
    const { client, recordId, base } = practice!;
    await expect.poll(() => client.getSnapshot().waiting).toBe(0);
    practice!.setPlug("out");
    const { id, deviceId, n, hash, text } = await write("note", { text: "cut off" });
    const signature = await client.films.maker()!.signer.sign(headStatement({ deviceId, recordId, n, hash }));
    base.setPlug("in");
    const cutOff = base.transport.push({
      protocol: 1,
      epochSeen: 1,
      chains: [{ deviceId, recordId, entries: [text], head: { n, hash, signature } }],
    });
    base.setPlug("out");
    await expect(cutOff).rejects.toMatchObject({ code: "unreachable" });
    expect(base.counts().get(id)).toBe(1);
    const stateOf = async () => (await client.replica.entries(recordId)).find((entry) => entry.id === id)?.state.at;
    expect(await stateOf()).toBe("waiting");
    practice!.setPlug("in");
    await expect.poll(stateOf).toBe("acknowledged");
    expect(base.counts().get(id)).toBe(1);
  });

  it("touches nothing of the tablet's own client, and says of itself that it is no patient's", async () => {
    await write("observations", obs);
    await expect.poll(() => done()[0]).toBe(true);
    expect(real.touched).toEqual([]);
    const texts = (await practice!.client.replica.entries(practice!.recordId)).map(({ text }) => text).join();
    expect(texts).toContain("PRACTICE-NOBODY");
    expect(texts).toContain('"demonstration":true');
    expect(practice!.client.database).toBe("");
  });

  it("makes a film that opens at no department of the trust", async () => {
    const { client, recordId, enrolment } = practice!;
    const film = await filmOf(client, recordId, inventedSite.siteId, enrolment.siteKeys);
    if ("why" in film) throw new Error(film.why);
    expect(film.place).toEqual({ trust: "practice", siteId: "practice" });
    const asked: unknown[] = [];
    const screen = createCollector({
      kind: "record",
      isReceived: () => false,
      keysFor: async (header) => {
        asked.push(header.place);
        return header.place.trust === "northmoor" ? [] : "other-place";
      },
    });
    expect(await screen.take(await film.projector.frameAt(0))).toMatchObject({ found: "other-place" });
    expect(asked).toEqual([{ trust: "practice", siteId: "practice" }]);
  });
});
