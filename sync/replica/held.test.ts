import { expect, test } from "vitest";
import type { PushAnswer } from "#protocol/push.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { createMemoryReplicaStore } from "../memory-replica-store.ts";
import { createReplica } from "../replica.ts";
import { cheapHash, cheapRandom, cheapSigner } from "../simulation/cheap.ts";
import { createRng } from "../simulation/scheduler.ts";
import { draftOf } from "../simulation/world.ts";

const random = cheapRandom(createRng(23));
const recordId = random.uuid();
const time = "2026-01-15T10:00:00.000Z";
const base: ServerState = { protocol: 1, trust: "northmoor", epoch: 1, incarnation: random.uuid(), time, archived: 9 };
const standby: ServerState = { ...base, incarnation: random.uuid(), standby: { asOf: time } };

/** A device that calls whichever server answers now. */
const device = () => {
  const pushed: string[][] = [];
  let now = base;
  const { archived: _, ...told } = base;
  const answerOf = (text: string, i: number): PushAnswer => {
    const hash = cheapHash(text);
    return now.standby ? { hash, answer: "held" } : { hash, answer: "accepted", position: i + 1 };
  };
  const store = createMemoryReplicaStore();
  const replica = createReplica({
    store,
    transport: {
      push: async ({ chains }) => {
        const texts = chains.flatMap((run) => run.entries);
        pushed.push(texts);
        return { server: now, answers: texts.map(answerOf), need: [], lanes: ["P0", "P1"] };
      },
      pull: async () => ({ server: now, records: {} }),
      heads: async () => ({ server: now.standby ? { ...told, ...now } : now, need: [] }),
    },
    signer: cheapSigner(random.uuid()),
    hash: cheapHash,
    clock: { nowMs: () => Date.parse(time), timeZone: () => "UTC" },
    random,
  });
  const sync = async (server: ServerState) => {
    now = server;
    for (let rounds = 0; rounds < 3; rounds++) await replica.syncOnce();
  };
  return { replica, store, sync, pushed };
};

test("[S21] what a standby holds is acknowledged by nobody, in no archive and not evicted, and goes to the base that answers", async () => {
  const { replica, store, sync, pushed } = device();
  await sync(standby);
  const { id, text } = await replica.write(draftOf(recordId, "note", "PLANTED"));
  await sync(standby);
  expect(await replica.status()).toMatchObject({ waiting: 0, held: 1 });
  const [held] = await replica.entries(recordId);
  expect(held).toMatchObject({ id, state: { at: "held", life: standby.incarnation }, inArchive: false });
  await expect(store.evict(recordId, [])).rejects.toThrow();
  // Asked for once: the standby is not sent it in every round.
  expect(pushed.flat()).toEqual([text]);

  await sync(base);
  expect(pushed.flat()).toEqual([text, text]);
  expect(await replica.status()).toMatchObject({ waiting: 0, held: 0 });
  expect((await replica.entries(recordId))[0]).toMatchObject({ state: { at: "acknowledged" }, inArchive: true });
});

test("[S21] the control: what the base has acknowledged is not offered to it again when it comes back from a standby", async () => {
  const { replica, sync, pushed } = device();
  await sync(base);
  const { text } = await replica.write(draftOf(recordId, "note", "PLANTED"));
  await sync(base);
  await sync(standby);
  await sync(base);
  expect(pushed.flat()).toEqual([text]);
});
