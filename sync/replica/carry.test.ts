import { expect, test } from "vitest";
import type { PulledLine } from "#protocol/pull.ts";
import type { Need, PushRequest } from "#protocol/push.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { createMemoryReplicaStore } from "../memory-replica-store.ts";
import type { Transport } from "../ports.ts";
import { type CarriedEntry, createReplica } from "../replica.ts";
import { cheapHash, cheapRandom, cheapSigner } from "../simulation/cheap.ts";
import { createRng } from "../simulation/scheduler.ts";
import { draftOf } from "../simulation/world.ts";

const random = cheapRandom(createRng(17));
const recordId = random.uuid();
const server: ServerState = {
  protocol: 1,
  trust: "northmoor",
  epoch: 1,
  incarnation: random.uuid(),
  time: "2026-01-15T10:00:00.000Z",
};

interface Base {
  server: ServerState;
  /** Of the record, given to whoever reads on from the start. */
  lines: PulledLine[];
  /** What it asks of who offers heads. */
  need: Need[];
}

const deviceOf = (base: Base = { server, lines: [], need: [] }) => {
  const pushes: PushRequest[] = [];
  const transport: Transport = {
    push: async (request) => {
      pushes.push(request);
      const texts = request.chains.flatMap((run) => run.entries);
      const answers = texts.map((text, i) => ({ hash: cheapHash(text), answer: "accepted" as const, position: i + 1 }));
      return { server: base.server, answers, need: [], lanes: ["P0", "P1"] };
    },
    pull: async ({ records }) => {
      const isNew = records[recordId]?.position === 0 && base.lines.length > 0;
      const part = { lines: base.lines, cursor: { epoch: 1, position: base.lines.length }, more: false };
      return { server: base.server, records: isNew ? { [recordId]: part } : {} };
    },
    heads: async () => ({ server: base.server, need: base.need }),
  };
  const replica = createReplica({
    store: createMemoryReplicaStore(),
    transport,
    signer: cheapSigner(random.uuid()),
    hash: cheapHash,
    clock: { nowMs: () => Date.parse(server.time), timeZone: () => "UTC" },
    random,
  });
  return { replica, pushes };
};

const written = async (count: number): Promise<CarriedEntry[]> => {
  const { replica } = deviceOf();
  for (let i = 0; i < count; i++) await replica.write(draftOf(recordId, "note", `n ${i}`));
  const held = (await replica.entries(recordId)).sort((a, b) => a.n - b.n);
  return held.map(({ id, deviceId, n, hash, text }) => ({
    id,
    deviceId,
    n,
    hash,
    text,
    ...((n % 100 === 0 || n === count) && { signature: `signed ${n}` }),
  }));
};

test("[S19] what was carried is pushed with its author's signature, in pieces that a push holds", async () => {
  const entries = await written(230);
  const { replica, pushes } = deviceOf();
  expect(await replica.carry(recordId, entries)).toBe(230);
  while ((await replica.syncOnce()).more);
  const runs = pushes.flatMap(({ chains }) => chains);
  expect(runs.flatMap((run) => run.entries)).toEqual(entries.map(({ text }) => text));
  expect(runs.map(({ head }) => head.signature)).toEqual(["signed 200", "signed 230"]);
  expect((await replica.status()).waiting).toBe(0);
});

test("[S19] carried twice it is held once, and what came by another way stays where it stands", async () => {
  const entries = await written(3);
  const { replica, pushes } = deviceOf();
  await replica.carry(recordId, entries);
  expect(await replica.carry(recordId, entries)).toBe(0);
  await replica.syncOnce();
  expect(await replica.carry(recordId, entries)).toBe(0);
  expect((await replica.status()).waiting).toBe(0);
  expect(pushes).toHaveLength(1);
});

test("[S12] what a new life asked for, and no signed head covered, waits once a film brings that head", async () => {
  const entries = await written(3);
  const lines = entries.map(({ text: entry, signature: _signature, ...line }) => ({
    ...line,
    entry,
    position: line.n,
    received: server.time,
  }));
  const base: Base = { server, lines, need: [] };
  const { replica, pushes } = deviceOf(base);
  replica.follow(recordId);
  while ((await replica.syncOnce()).more);
  const { deviceId } = entries[0]!;
  Object.assign(base, {
    server: { ...server, incarnation: random.uuid() },
    lines: [],
    need: [{ recordId, deviceId, from: 1, to: 3 }],
  });
  while ((await replica.syncOnce()).more);
  expect((await replica.status()).waiting).toBe(0);
  expect(await replica.carry(recordId, entries)).toBe(0);
  expect((await replica.status()).waiting).toBe(3);
  await replica.syncOnce();
  const [run] = pushes.flatMap(({ chains }) => chains);
  expect([run?.entries.length, run?.head.signature]).toEqual([3, "signed 3"]);
});

test("[S19] what contradicts a chain that is held, or its own hash, is kept by nobody", async () => {
  const entries = await written(3);
  const { replica } = deviceOf();
  await replica.carry(recordId, entries.slice(0, 2));
  const [, second] = entries as [CarriedEntry, CarriedEntry];
  const text = second.text.replace("n 1", "n 9");
  const forked = { ...second, text, hash: cheapHash(text) };
  await expect(replica.carry(recordId, [forked, entries[2]!])).rejects.toThrow("contradicts");
  await expect(replica.carry(recordId, [{ ...forked, id: random.uuid() }, entries[2]!])).rejects.toThrow("contradicts");
  await expect(replica.carry(recordId, [{ ...entries[2]!, text: "{}" }])).rejects.toThrow("contradicts");
  expect(await replica.entries(recordId)).toHaveLength(2);
});
