import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import { fold } from "#domain/record.ts";
import type { EnrolResponse } from "#protocol/enrolment.ts";
import type { PulledLine } from "#protocol/pull.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { createMemoryReplicaStore } from "#sync/memory-replica-store.ts";
import { type Transport, TransportFailure } from "#sync/ports.ts";
import { createReplica } from "#sync/replica.ts";
import { createDemoCrew } from "./crew.ts";
import { blobRefOf, type NodeDevice, nodeRandom } from "./node-client.ts";
import { inventedNurse } from "./people.ts";
import { seededRandom } from "./random.ts";
import { roster } from "./roster.ts";

const site = { siteId: "southgate-ed", name: "Southgate ED" };
const minute = 60_000;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A base that stores whatever is pushed and gives it back, and that can be cut off. */
const createBase = (clock: { nowMs(): number }) => {
  const log: (PulledLine & { recordId: string })[] = [];
  const blobs = new Map<string, Uint8Array>();
  const state = { up: true };
  const incarnation = nodeRandom.uuid();
  const at = () => new Date(clock.nowMs()).toISOString();
  const server = (): ServerState => ({ protocol: 1, trust: "northmoor", epoch: 1, incarnation, time: at() });
  const reach = () => {
    if (!state.up) throw new TransportFailure("unreachable", "cut off");
  };
  const transport: Transport = {
    push: async ({ chains }) => {
      reach();
      const answers = chains.flatMap(({ recordId, deviceId, entries }) =>
        entries.map((entry) => {
          const hash = sha256(entry);
          log.push({ position: log.length + 1, received: at(), deviceId, recordId, hash, entry });
          return { hash, answer: "accepted" as const, position: log.length };
        }),
      );
      return { server: server(), answers, need: [], lanes: ["P0", "P1", "P2"] };
    },
    pull: async ({ records }) => {
      reach();
      const pulled = Object.entries(records).map(([recordId, cursor]) => {
        const lines = log.filter((line) => line.recordId === recordId && line.position > cursor.position);
        const next = { epoch: 1, position: Math.max(cursor.position, ...lines.map((line) => line.position)) };
        return [recordId, { lines: lines.map(({ recordId: _, ...line }) => line), cursor: next, more: false }] as const;
      });
      return { server: server(), records: Object.fromEntries(pulled) };
    },
    heads: async () => ({ server: server(), need: [] }),
  };
  const device = (): NodeDevice => {
    const replica = createReplica({
      store: createMemoryReplicaStore(),
      transport,
      signer: { deviceId: nodeRandom.uuid(), sign: async () => "signature" },
      hash: sha256,
      clock: { ...clock, timeZone: () => "Europe/London" },
      random: nodeRandom,
    });
    return {
      enrolment: {} as EnrolResponse,
      replica,
      putBlob: async (_, bytes, mime) => {
        reach();
        const ref = blobRefOf(bytes, mime);
        blobs.set(ref.sha256, bytes);
        return ref;
      },
      getBlob: () => Promise.reject(new Error("not asked for")),
      arrivals: () => Promise.reject(new Error("not asked for")),
      get: () => Promise.reject(new Error("not asked for")),
      publicKey: { x: "", y: "" },
      signedIn: () => {},
      close: () => {},
    };
  };
  const entriesOf = (recordId: string) =>
    log.filter((line) => line.recordId === recordId).map((line) => JSON.parse(line.entry) as Entry);
  return { state, log, blobs, device, entriesOf };
};

const startShift = () => {
  const now = { ms: Date.parse("2026-11-22T14:33:00.000Z") };
  const clock = { nowMs: () => now.ms, timeZone: () => "Europe/London" };
  const base = createBase(clock);
  const rostered = roster.find(({ callSign }) => callSign === "M302")!;
  const crew = createDemoCrew({
    rostered,
    device: base.device(),
    site,
    clock,
    random: seededRandom(1),
    minuteMs: minute,
    nextStory: () => rostered.first,
    nextSerial: () => 1,
    callsMax: 2,
  });
  return { now, base, crew, rostered };
};

test("a call that is under way is on the board at once, with its pre-alert, ECG and past readings", async () => {
  const { now, base, crew } = startShift();
  await crew.tick();
  const { recordId } = crew.current()!;
  const record = fold(base.entriesOf(recordId));
  expect(record.incident?.body).toMatchObject({ callSign: "M302", demonstration: true });
  expect(record.prealert?.body.concern).toBe("Inferior STEMI");
  expect(record.observations).toHaveLength(4);
  const attached = record.ecgs[0]!.entry.blobs![0]!;
  expect(base.blobs.get(attached.sha256)).toHaveLength(attached.bytes);
  expect(record.lines.filter((line) => Date.parse(line.entry.occurredAt) > now.ms)).toEqual([]);
});

test("what is written without a network arrives when it is back", async () => {
  const { now, base, crew } = startShift();
  base.state.up = false;
  await crew.tick();
  expect(base.log).toEqual([]);
  now.ms += 4 * minute;
  base.state.up = true;
  await crew.tick();
  expect(fold(base.entriesOf(crew.current()!.recordId)).observations).toHaveLength(5);
  expect(base.blobs.size).toBe(1);
});

test("the crew leaves when the hospital has accepted, and its next call is another patient", async () => {
  const { now, base, crew } = startShift();
  await crew.tick();
  const { recordId } = crew.current()!;
  now.ms += 7 * minute;
  await crew.tick();
  expect(crew.current()?.handedOver).toBe(false);
  const screen = base.device().replica;
  const body = { site, acceptedBy: "Nurse at the screen", seen: {} };
  await screen.write({ recordId, kind: "acceptance", body, author: inventedNurse });
  await screen.syncOnce();
  await crew.tick(); // hears of it
  await crew.tick(); // acts on it
  expect(crew.current()).toBeNull();
  const record = fold(base.entriesOf(recordId));
  expect(record.handover?.body.receiverName).toBeUndefined();
  expect(record.milestones.at(-1)?.known.body.milestone).toBe("handed-over");
  now.ms += 30 * minute;
  await crew.tick();
  expect(crew.current()!.recordId).not.toBe(recordId);
});

test("without an acceptance the crew writes the receiver's name at last, and after its last call it goes home", async () => {
  const { now, base, crew, rostered } = startShift();
  const calls = new Set<string>();
  for (let minutes = 0; minutes < 300; minutes += 3, now.ms += 3 * minute) {
    await crew.tick();
    const call = crew.current();
    if (call) calls.add(call.recordId);
  }
  expect(calls.size).toBe(2);
  expect(crew.current()).toBeNull();
  for (const recordId of calls) {
    const record = fold(base.entriesOf(recordId));
    expect(record.handover?.body.receiverName).toBe(inventedNurse.name);
    const waited = Date.parse(record.handover!.entry.occurredAt) - Date.parse(record.milestones[0]!.entry.occurredAt);
    expect(waited / minute).toBeGreaterThanOrEqual(rostered.first.handedOver);
  }
});
