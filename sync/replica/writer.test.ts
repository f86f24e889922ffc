import { expect, test } from "vitest";
import { createMemoryLogStore, LogDisk } from "../memory-log-store.ts";
import { createMemoryReplicaStore } from "../memory-replica-store.ts";
import { type Transport, TransportFailure } from "../ports.ts";
import { createReplica, NotSaved } from "../replica.ts";
import { createSequencer } from "../sequencer.ts";
import { cheapHash, cheapRandom, cheapSigner, signatureOf } from "../simulation/cheap.ts";
import { createRng } from "../simulation/scheduler.ts";
import { draftOf } from "../simulation/world.ts";

const random = cheapRandom(createRng(11));
const server = {
  protocol: 1,
  trust: "northmoor",
  epoch: 1,
  incarnation: random.uuid(),
  time: "2026-01-15T10:00:00.000Z",
};

/** A replica whose disk can fail, before a real sequencer whose answers can get lost. */
const open = () => {
  const deviceId = random.uuid();
  const recordId = random.uuid();
  const log = new LogDisk();
  const sequencer = createSequencer({
    store: createMemoryLogStore(log),
    hash: cheapHash,
    verify: (device, statement, signature) => (signatureOf(device, statement) === signature ? "valid" : "invalid"),
    onSecurityEvent: () => {},
  });
  const fault = { disk: undefined as "fails" | "fails after storing" | undefined, answersGetLost: false };
  const transport: Transport = {
    push: async (request) => {
      const submitted = await sequencer.submit(request);
      if (fault.answersGetLost) throw new TransportFailure("unreachable", "lost");
      return { server, ...submitted, lanes: ["P0", "P1"] };
    },
    pull: async () => ({ server, records: {} }),
    heads: async () => ({ server, need: [] }),
  };
  const memory = createMemoryReplicaStore();
  const store: typeof memory = {
    ...memory,
    append: async (entry) => {
      const back = fault.disk === "fails" ? undefined : await memory.append(entry);
      if (fault.disk) throw new Error("quota");
      return back;
    },
  };
  const clock = { nowMs: () => 0, timeZone: () => "UTC" };
  const replica = createReplica({ store, transport, signer: cheapSigner(deviceId), hash: cheapHash, clock, random });
  const draft = (text: string) => draftOf(recordId, "note", text);
  const failing = async (text: string): Promise<string> => {
    const failure: unknown = await replica.write(draft(text)).catch((error: unknown) => error);
    if (!(failure instanceof NotSaved)) throw new Error("It was saved.");
    return failure.text;
  };
  const atBase = () => log.lines.map(({ entry, quarantine }) => [entry?.n, quarantine ?? entry?.body.text]);
  const here = async () => (await replica.entries(recordId)).map((held) => JSON.parse(held.text).body.text).sort();
  return { replica, fault, draft, failing, atBase, here };
};

test("[S15] entries sent past a full disk fork no chain: not each other, and not what is written when it has room", async () => {
  const { replica, fault, draft, failing, atBase } = open();
  await replica.write(draft("a"));
  fault.disk = "fails";
  const [b, c] = [await failing("b"), await failing("c")];
  expect([await replica.sendPast(b), await replica.sendPast(c)]).toEqual([true, true]);
  // A write that fails in between makes the replica ask its disk where the chain ends, and the disk does not know.
  await failing("d");
  fault.disk = undefined;
  await replica.write(draft("e"));
  await replica.syncOnce();
  expect(atBase().sort()).toEqual([
    [1, "a"],
    [2, "b"],
    [3, "c"],
    [4, "e"],
  ]);
});

test("[S04] an entry that was sent past the disk, its answer lost, and then saved after all is one entry", async () => {
  const { replica, fault, draft, failing, atBase, here } = open();
  fault.disk = "fails";
  fault.answersGetLost = true;
  const dose = await failing("dose");
  await expect(replica.sendPast(dose)).rejects.toThrow("lost");
  fault.disk = undefined;
  await replica.write(draft("next"));
  await replica.writeAgain(draft("dose"), dose);
  fault.answersGetLost = false;
  await replica.syncOnce();
  expect(await here()).toEqual(["dose", "next"]);
  expect(atBase()).toEqual([
    [1, "dose"],
    [2, "next"],
  ]);
  expect(await replica.status()).toMatchObject({ waiting: 0, quarantined: 0 });
});

test("[S01] an entry whose failed write had reached the disk is not written twice", async () => {
  const { replica, fault, draft, failing, here } = open();
  fault.disk = "fails after storing";
  const text = await failing("dose");
  fault.disk = undefined;
  expect((await replica.writeAgain(draft("dose"), text)).text).toBe(text);
  expect(await here()).toEqual(["dose"]);
});

test("[S15] saved again after another took its place, it goes to the end of the chain", async () => {
  const { replica, fault, draft, failing, atBase } = open();
  fault.disk = "fails";
  const first = await failing("first");
  fault.disk = undefined;
  await replica.write(draft("second"));
  const again = await replica.writeAgain(draft("first"), first);
  expect(again.id).toBe(JSON.parse(first).id);
  await replica.syncOnce();
  expect(atBase()).toEqual([
    [1, "second"],
    [2, "first"],
  ]);
});

test("what the base keeps aside was not taken", async () => {
  const { replica, fault, draft, failing } = open();
  const { id } = await replica.write(draft("a"));
  await replica.syncOnce();
  fault.disk = "fails";
  const text = await failing("b");
  // Another entry has this id already.
  expect(await replica.sendPast(text.replace(JSON.parse(text).id, id))).toBe(false);
});
