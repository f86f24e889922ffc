import { describe, expect, test } from "vitest";
import { type ChainRun, headStatement } from "#protocol/push.ts";
import { type ChainEnd, chainStart, sealEntry } from "./chain.ts";
import { createMemoryLogStore, LogDisk } from "./memory-log-store.ts";
import { Busy, createSequencer, type SecurityEvent } from "./sequencer.ts";
import { cheapHash, cheapRandom, signatureOf } from "./simulation/cheap.ts";
import { createRng } from "./simulation/scheduler.ts";
import { draftOf, poisonKind } from "./simulation/world.ts";
import type { LogStore } from "./store.ts";

const random = cheapRandom(createRng(7));
const recordId = random.uuid();
const deviceId = random.uuid();

interface Sealed {
  id: string;
  n: number;
  text: string;
  hash: string;
}
const seal = async (end: ChainEnd, parts: { id?: string; kind?: string; recordId?: string } = {}): Promise<Sealed> => {
  const once = parts.id === undefined ? random : { ...random, uuid: () => parts.id! };
  const clock = { nowMs: () => 0, timeZone: () => "UTC" };
  const sealing = { deviceId, clock, random: once, hash: cheapHash, serverOffset: undefined };
  const draft = draftOf(parts.recordId ?? recordId, parts.kind ?? "note", "x");
  const { entry, text, hash } = await sealEntry(draft, end, sealing);
  return { id: entry.id, n: entry.n, text, hash };
};
const chainOf = async (length: number, poisonAt?: number): Promise<Sealed[]> => {
  const chain: Sealed[] = [];
  for (let n = 1; n <= length; n++) {
    const end = n === 1 ? chainStart : { n, prev: chain.at(-1)!.hash };
    chain.push(await seal(end, n === poisonAt ? { kind: poisonKind } : {}));
  }
  return chain;
};
const runOf = (entries: readonly Sealed[], parts: { signature?: string; recordId?: string } = {}): ChainRun => {
  const head = entries.at(-1)!;
  const at = parts.recordId ?? recordId;
  const statement = headStatement({ deviceId, recordId: at, n: head.n, hash: head.hash });
  const signature = parts.signature ?? signatureOf(deviceId, statement);
  return {
    deviceId,
    recordId: at,
    entries: entries.map((e) => e.text),
    head: { n: head.n, hash: head.hash, signature },
  };
};
const start = (wrap: (store: LogStore) => LogStore = (store) => store, queuedEntriesMax = 1000) => {
  const disk = new LogDisk();
  const events: SecurityEvent[] = [];
  const device = { isRevoked: false };
  const store = createMemoryLogStore(disk);
  const sequencer = createSequencer({
    store: wrap(store),
    hash: cheapHash,
    verify: (by, statement, signature) => {
      if (by !== deviceId) return "unknown-device";
      if (signatureOf(by, statement) !== signature) return "invalid";
      return device.isRevoked ? "revoked-device" : "valid";
    },
    onSecurityEvent: (event) => events.push(event),
    limits: { queuedEntriesMax },
  });
  const push = async (...chains: ChainRun[]) => {
    const { answers, need } = await sequencer.submit({ chains });
    return { answers: answers.map((a) => (a.code ? `${a.answer} ${a.code}` : a.answer)), need };
  };
  return { disk, events, sequencer, device, push };
};

describe("the sequencer", () => {
  test("[S04] pushed twice is stored once, and answered as done both times", async () => {
    const { disk, push } = start();
    const chain = await chainOf(3);
    expect((await push(runOf(chain))).answers).toEqual(["accepted", "accepted", "accepted"]);
    expect((await push(runOf(chain))).answers).toEqual(["duplicate", "duplicate", "duplicate"]);
    expect(disk.lines.map((l) => l.position)).toEqual([1, 2, 3]);
  });

  test("[S04] the same entries pushed at once by two carriers are stored once", async () => {
    const { disk, push } = start();
    const chain = await chainOf(3);
    const both = await Promise.all([push(runOf(chain)), push(runOf(chain)), push(runOf(chain))]);
    expect(both.flatMap((b) => b.answers).filter((a) => a === "accepted")).toHaveLength(3);
    expect(disk.lines).toHaveLength(3);
  });

  test("[S06] an entry that cannot be read is kept, and those around it are accepted", async () => {
    const { disk, push } = start();
    const chain = await chainOf(4, 2);
    expect((await push(runOf(chain))).answers).toEqual(["accepted", "quarantined unreadable", "accepted", "accepted"]);
    expect(disk.lines[1]).toMatchObject({ text: chain[1]!.text, entry: null, quarantine: "unreadable" });
    // Pushed again it is not kept twice, and what follows it does not ask for it.
    const next = await seal({ n: 5, prev: chain[3]!.hash });
    expect((await push(runOf([chain[1]!]))).answers).toEqual(["quarantined unreadable"]);
    expect(await push(runOf([next]))).toEqual({ answers: ["accepted"], need: [] });
    expect(disk.lines).toHaveLength(5);
  });

  test("[S12] what follows a hole is stored, and the hole is asked for", async () => {
    const { push, sequencer } = start();
    const chain = await chainOf(6);
    await push(runOf(chain.slice(0, 2)));
    const need = [{ deviceId, recordId, from: 3, to: 4 }];
    expect(await push(runOf(chain.slice(4)))).toEqual({ answers: ["accepted", "accepted"], need });
    const { n, hash } = chain[5]!;
    expect(await sequencer.lacking([{ deviceId, recordId, n, hash }])).toEqual(need);
    const longer = [...need, { deviceId, recordId, from: 7, to: 9 }];
    expect(await sequencer.lacking([{ deviceId, recordId, n: 9, hash }])).toEqual(longer);
    expect(await push(runOf(chain.slice(2, 4)))).toEqual({ answers: ["accepted", "accepted"], need: [] });
    expect(await sequencer.lacking([{ deviceId, recordId, n, hash }])).toEqual([]);
  });

  test("[S15] same id with other bytes, also in another record, is quarantined and reported", async () => {
    const { push, events } = start();
    const [first] = await chainOf(1);
    await push(runOf([first!]));
    const other = random.uuid();
    const again = await seal(chainStart, { id: first!.id, recordId: other });
    expect((await push(runOf([again], { recordId: other }))).answers).toEqual(["quarantined id-reused"]);
    expect(events).toEqual([{ code: "id-reused", deviceId, recordId: other, n: 1, hash: again.hash }]);
  });

  test("[S15] one place of a chain with two hashes, and a predecessor that is not the one stored", async () => {
    const { push, events } = start();
    const chain = await chainOf(3);
    await push(runOf(chain.slice(0, 2)));
    const fork = await seal({ n: 2, prev: chain[0]!.hash });
    expect((await push(runOf([fork]))).answers).toEqual(["quarantined chain-forked"]);
    const broken = await seal({ n: 3, prev: fork.hash });
    expect((await push(runOf([broken]))).answers).toEqual(["quarantined prev-mismatch"]);
    const late = await seal({ n: 5, prev: fork.hash });
    expect((await push(runOf([late]))).answers).toEqual(["accepted"]);
    const filler = await seal({ n: 4, prev: chain[1]!.hash });
    expect((await push(runOf([filler]))).answers).toEqual(["quarantined prev-mismatch"]);
    expect(events.map((e) => e.code)).toEqual(["chain-forked", "prev-mismatch", "prev-mismatch"]);
  });

  test("[S10] a run whose signature or links were changed is not accepted, and is when it comes whole", async () => {
    const { push, events, disk } = start();
    const chain = await chainOf(3);
    expect((await push(runOf(chain, { signature: "forged" }))).answers).toEqual(
      Array(3).fill("quarantined bad-signature"),
    );
    const changed = { ...chain[1]!, text: chain[1]!.text.replace('"x"', '"y"') };
    expect((await push(runOf([chain[0]!, changed, chain[2]!]))).answers).toEqual(Array(3).fill("retry prev-mismatch"));
    expect(disk.lines.every((l) => l.quarantine !== undefined)).toBe(true);
    expect((await push(runOf(chain))).answers).toEqual(["accepted", "accepted", "accepted"]);
    expect(new Set(events.map((e) => e.code))).toEqual(new Set(["bad-signature", "prev-mismatch"]));
  });

  test("an entry of another chain, and a device that nobody knows", async () => {
    const { push } = start();
    const other = random.uuid();
    const [strange] = [await seal(chainStart, { recordId: other })];
    expect((await push(runOf([strange]))).answers).toEqual(["quarantined wrong-chain"]);
    const [entry] = await chainOf(1);
    expect((await push({ ...runOf([entry!]), deviceId: other })).answers).toEqual(["quarantined unknown-device"]);
  });

  test("[S18] what a revoked device signed waits for its release, and then stands once, where it was written", async () => {
    const { push, disk, events, device } = start();
    const chain = await chainOf(5);
    await push(runOf(chain.slice(0, 2)));
    device.isRevoked = true;
    // What is in the log already stays; what is not signed by the device is no word of its own, revoked or not.
    expect((await push(runOf(chain.slice(0, 4)))).answers).toEqual([
      "duplicate",
      "duplicate",
      "quarantined revoked-device",
      "quarantined revoked-device",
    ]);
    expect(await push(runOf(chain.slice(4)))).toEqual({ answers: ["quarantined revoked-device"], need: [] });
    const forged = await seal({ n: 6, prev: chain[4]!.hash });
    expect((await push(runOf([forged], { signature: "forged" }))).answers).toEqual(["quarantined bad-signature"]);
    expect(events.map(({ code, n }) => `${code} ${n}`)).toEqual([
      "revoked-device 3",
      "revoked-device 5",
      "bad-signature 6",
    ]);
    expect(disk.lines.slice(2).map(({ text }) => text)).toEqual([...chain.slice(2), forged].map(({ text }) => text));

    device.isRevoked = false;
    expect((await push(runOf(chain))).answers).toEqual(["duplicate", "duplicate", "accepted", "accepted", "accepted"]);
    expect((await push(runOf(chain))).answers).toEqual(Array(5).fill("duplicate"));
    const { lines } = disk.readAfter(recordId, 0, 100);
    expect(lines.map(({ hash }) => hash)).toEqual(chain.map(({ hash }) => hash));
  });

  test("[S02] an append that fails promises nothing, and fails its own submission alone", async () => {
    const bad = await chainOf(1);
    const { push, disk } = start((store) => ({
      ...store,
      append: async (lines, expected) => {
        if (lines.some((l) => l.hash === bad[0]!.hash)) throw new Error("The store cannot take this.");
        return store.append(lines, expected);
      },
    }));
    const others = await Promise.all(
      [random.uuid(), random.uuid()].map(async (r) => [r, await seal(chainStart, { recordId: r })] as const),
    );
    const results = await Promise.allSettled([
      push(runOf([(await chainOf(1))[0]!])),
      push(runOf(bad)),
      ...others.map(([r, e]) => push(runOf([e], { recordId: r }))),
    ]);
    expect(results.map((r) => r.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(disk.lines).toHaveLength(3);
  });

  test("another writer moves the record on: the heads are read and decided anew", async () => {
    const chain = await chainOf(2);
    let interrupted = false;
    const { push, disk } = start((store) => ({
      ...store,
      append: async (lines, expected) => {
        if (!interrupted) {
          interrupted = true;
          await store.append([{ ...lines[0]! }], expected);
        }
        return store.append(lines, expected);
      },
    }));
    expect((await push(runOf(chain))).answers).toEqual(["duplicate", "accepted"]);
    expect(disk.lines).toHaveLength(2);
  });

  test("[S17] at its limit it turns newcomers away, and keeps what it has", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { push, disk } = start(
      (store) => ({
        ...store,
        append: async (lines, expected) => {
          await gate;
          return store.append(lines, expected);
        },
      }),
      3,
    );
    const chain = await chainOf(4);
    const first = push(runOf(chain.slice(0, 3)));
    await expect(push(runOf(chain.slice(3)))).rejects.toThrow(Busy);
    release();
    await first;
    expect((await push(runOf(chain.slice(3)))).answers).toEqual(["accepted"]);
    expect(disk.lines).toHaveLength(4);
  });

  test("[S17] a crowd that comes back at once leaves room for a crew that is writing", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const gated = (store: LogStore): LogStore => ({
      ...store,
      append: async (lines, expected) => {
        await gate;
        return store.append(lines, expected);
      },
    });
    const { push, sequencer, disk } = start(gated, 100);
    const chain = await chainOf(106);
    const first = push(runOf(chain.slice(0, 90)));
    expect(sequencer.isCrowded()).toBe(true);
    await expect(push(runOf(chain.slice(90, 106)))).rejects.toThrow(Busy);
    const live = push(runOf(chain.slice(90, 91)));
    release();
    await first;
    expect((await live).answers).toEqual(["accepted"]);
    expect(disk.lines).toHaveLength(91);
  });
});
