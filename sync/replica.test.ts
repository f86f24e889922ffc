import { describe, expect, test } from "vitest";
import type { PulledLine } from "#protocol/pull.ts";
import type { PushAnswer, PushRequest } from "#protocol/push.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { createMemoryReplicaStore, type MemoryReplicaStore } from "./memory-replica-store.ts";
import { type Transport, TransportFailure } from "./ports.ts";
import { createReplica, NotSaved, type ReplicaLimits } from "./replica.ts";
import { cheapHash, cheapRandom, cheapSigner } from "./simulation/cheap.ts";
import { createRng } from "./simulation/scheduler.ts";
import { draftOf } from "./simulation/world.ts";
import type { ReplicaStore } from "./store.ts";

const ids = cheapRandom(createRng(5));
const deviceId = ids.uuid();
const recordId = ids.uuid();
const tenYearsMs = 10 * 365 * 86_400_000;

const base = (parts: Partial<ServerState> = {}): ServerState => ({
  protocol: 1,
  trust: "northmoor",
  epoch: 1,
  incarnation: ids.uuid(),
  time: "2026-01-15T10:00:00.000Z",
  ...parts,
});

/** A server that accepts everything, and can be told to answer otherwise. */
const scripted = () => {
  const script = {
    server: base(),
    pushes: [] as PushRequest[],
    answer: (_text: string): Omit<PushAnswer, "hash"> => ({ answer: "accepted", position: 1 }),
    fail: undefined as ((request: PushRequest) => TransportFailure | undefined) | undefined,
    lines: [] as PulledLine[],
    /** The record has ended; false: it is out of scope. Undefined: it is there. */
    disposed: undefined as boolean | undefined,
    /** Lines that the link carries in one answer. */
    linesCarried: Number.POSITIVE_INFINITY,
    need: [] as { deviceId: string; recordId: string; from: number; to: number }[],
    headsAsked: 0,
  };
  const transport: Transport = {
    push: async (request) => {
      script.pushes.push(request);
      const failure = script.fail?.(request);
      if (failure) throw failure;
      const texts = request.chains.flatMap((run) => run.entries);
      const answers = texts.map((text) => ({ hash: cheapHash(text), ...script.answer(text) }));
      return { server: script.server, answers, need: [], lanes: ["P0", "P1"] };
    },
    pull: async (request) => {
      const records = Object.entries(request.records).map(([id, { position }]) => {
        if (script.disposed !== undefined)
          return [id, { refused: "not-in-scope", ...(script.disposed && { disposed: true }) }] as const;
        const left = script.lines.filter((l) => l.position > position);
        const lines = left.slice(0, request.linesMax);
        if (lines.length > script.linesCarried) throw new TransportFailure("unreachable", "too slow");
        const end = Math.max(position, ...lines.map((l) => l.position));
        const more = lines.length < left.length;
        return [id, { lines, cursor: { epoch: script.server.epoch, position: end }, more }] as const;
      });
      return { server: script.server, records: Object.fromEntries(records) };
    },
    heads: async () => {
      script.headsAsked++;
      return { server: script.server, need: script.need };
    },
  };
  return { script, transport };
};

const open = (
  parts: {
    wrap?: (store: MemoryReplicaStore) => ReplicaStore;
    nowMs?: () => number;
    limits?: Partial<ReplicaLimits>;
  } = {},
) => {
  const { script, transport } = scripted();
  const memory = createMemoryReplicaStore();
  const store = parts.wrap?.(memory) ?? memory;
  const clock = { nowMs: parts.nowMs ?? (() => 0), timeZone: () => "UTC" };
  const replica = createReplica({
    store,
    transport,
    signer: cheapSigner(deviceId),
    hash: cheapHash,
    clock,
    random: ids,
    ...(parts.limits && { limits: parts.limits }),
  });
  const write = (text: string, record = recordId) => replica.write(draftOf(record, "note", text));
  const statesOf = async (record = recordId) => (await replica.entries(record)).map((e) => e.state.at);
  return { replica, memory, script, write, statesOf };
};

describe("saved", () => {
  test("[S01] a write resolves only once it is on the disk and reads back equal", async () => {
    const { write, memory } = open();
    const held = await write("one");
    expect(memory.disk.entries.get(held.id)?.text).toBe(held.text);
  });

  const brokenDisks: [string, () => Promise<undefined>][] = [
    ["fails", () => Promise.reject(new Error("quota"))],
    ["says done and stores nothing", () => Promise.resolve(undefined)],
  ];
  test.for(brokenDisks)(
    "[S01] a disk that %s: not saved, and the text is there for a second way out",
    async ([, append]) => {
      let broken = true;
      const { write, statesOf } = open({
        wrap: (store) => ({ ...store, append: (entry) => (broken ? append() : store.append(entry)) }),
      });
      const failure = await write("precious").catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(NotSaved);
      expect((failure as NotSaved).text).toContain("precious");
      broken = false;
      expect((await write("next")).n).toBe(1);
      expect(await statesOf()).toEqual(["waiting"]);
    },
  );

  test("writes of one record at once make one chain", async () => {
    const { write } = open();
    const held = await Promise.all(["a", "b", "c", "d"].map((text) => write(text)));
    expect(held.map((e) => e.n)).toEqual([1, 2, 3, 4]);
    for (const [i, { text }] of held.entries()) expect(JSON.parse(text).prev).toBe(held[i - 1]?.hash ?? null);
  });
});

describe("pushing", () => {
  test("[S03] only what the answer names is acknowledged", async () => {
    const { write, replica, script, statesOf } = open();
    await write("done");
    await write("again");
    script.answer = (text) => (text.includes("again") ? { answer: "retry" } : { answer: "accepted", position: 4 });
    await replica.syncOnce();
    expect(await statesOf()).toEqual(["acknowledged", "waiting"]);
    script.answer = () => ({ answer: "duplicate" });
    await replica.syncOnce();
    expect(await statesOf()).toEqual(["acknowledged", "acknowledged"]);
  });

  test("[S06] a quarantined entry delays neither its own chain nor another's", async () => {
    const { write, replica, script, statesOf } = open();
    const second = ids.uuid();
    for (const text of ["a", "poison", "b"]) await write(text);
    await write("c", second);
    script.answer = (text) =>
      text.includes("poison") ? { answer: "quarantined", code: "unreadable" } : { answer: "accepted" };
    await replica.syncOnce();
    expect(await statesOf()).toEqual(["acknowledged", "quarantined", "acknowledged"]);
    expect(await statesOf(second)).toEqual(["acknowledged"]);
    expect(await replica.status()).toMatchObject({ waiting: 0, quarantined: 1, levelOfService: "done" });
  });

  test("[S06] an entry that no message gets through with stands aside, and the others go", async () => {
    const { write, replica, script } = open();
    const records = [recordId, ids.uuid(), ids.uuid()];
    for (const record of records) await write(record === recordId ? "stumble" : "fine", record);
    script.fail = ({ chains }) =>
      chains.some((run) => run.entries.some((text) => text.includes("stumble")))
        ? new TransportFailure("rejected", "unreadable message")
        : undefined;
    for (let round = 0; round < 12; round++) await replica.syncOnce();
    expect(await replica.status()).toMatchObject({ waiting: 1 });
    // It is tried again for ever, and goes when the server can take it.
    script.fail = undefined;
    for (let round = 0; round < 12; round++) await replica.syncOnce();
    expect(await replica.status()).toMatchObject({ waiting: 0 });
  });

  test("[S08] failures leave everything waiting, and name the wait that the server asked for", async () => {
    const { write, replica, script, statesOf } = open();
    await write("a");
    for (const code of ["unreachable", "busy", "refused", "rejected"] as const) {
      script.fail = () => new TransportFailure(code, "", 700);
      expect(await replica.syncOnce()).toMatchObject({ result: code, retryAfterMs: 700 });
      expect(await statesOf()).toEqual(["waiting"]);
    }
    script.fail = undefined;
    expect(await replica.syncOnce()).toMatchObject({ result: "done", pushed: 1 });
  });

  test("[S08] what a slow link cannot carry in time goes in smaller messages until it gets through", async () => {
    const { write, replica, script } = open();
    for (let i = 0; i < 40; i++) await write(`${i}`);
    script.fail = ({ chains }) =>
      chains.flatMap((run) => run.entries).length > 3 ? new TransportFailure("unreachable", "too slow") : undefined;
    for (let round = 0; round < 60; round++) await replica.syncOnce();
    expect(await replica.status()).toMatchObject({ waiting: 0 });
  });

  test("[S10] a byte changed on the disk is found, kept aside and never sent", async () => {
    const { write, replica, memory, script } = open();
    const changed = await write("a");
    await write("b");
    memory.disk.entries.set(changed.id, { ...changed, text: changed.text.replace('"a"', '"z"') });
    await replica.syncOnce();
    expect(script.pushes.flatMap((p) => p.chains.flatMap((run) => run.entries)).join()).not.toContain('"z"');
    expect(await replica.entries(recordId)).toHaveLength(1);
    const { findings } = await replica.status();
    expect(findings).toEqual([{ code: "changed-in-store", recordId, id: changed.id }]);
  });
});

describe("pulling", () => {
  const linesOf = async (texts: readonly string[]): Promise<PulledLine[]> => {
    const { write, memory } = open();
    for (const text of texts) await write(text);
    return [...memory.disk.entries.values()].map(({ hash, text }, i) => ({
      position: i + 1,
      received: "2026-01-15T10:00:00.000Z",
      deviceId,
      hash,
      entry: text,
    }));
  };

  test("[S05] [S10] a changed line is not stored, holds up no other, and the cursor waits for it", async () => {
    const { replica, script, memory } = open();
    const lines = await linesOf(["a", "b", "c"]);
    const changed = { ...lines[1]!, entry: lines[1]!.entry.replace('"b"', '"z"') };
    script.lines = [lines[0]!, changed, lines[2]!];
    replica.follow(recordId);
    await replica.syncOnce();
    await replica.syncOnce();
    expect(await replica.entries(recordId)).toHaveLength(2);
    expect(memory.disk.records.get(recordId)?.cursor.position).toBe(1);
    expect((await replica.status()).findings.map((f) => f.code)).toEqual(["changed-in-transit"]);
    script.lines = lines;
    await replica.syncOnce();
    expect(await replica.entries(recordId)).toHaveLength(3);
    expect(memory.disk.records.get(recordId)?.cursor.position).toBe(3);
  });

  test("[S08] a page that a slow link cannot carry in time is asked for in smaller ones", async () => {
    const { replica, script, memory } = open();
    script.lines = await linesOf(["a", "b", "c", "d", "e", "f", "g"]);
    script.linesCarried = 2;
    replica.follow(recordId);
    for (let round = 0; round < 20; round++) await replica.syncOnce();
    expect(memory.disk.records.get(recordId)?.cursor.position).toBe(7);
  });

  test("[S07] lines of clocks ten years wrong, either way, all arrive", async () => {
    let nowMs = 0;
    const { replica, write, statesOf } = open({ nowMs: () => nowMs });
    for (const jump of [0, tenYearsMs, -tenYearsMs]) {
      nowMs = jump;
      await write(`at ${jump}`);
      expect((await replica.syncOnce()).result).toBe("done");
    }
    expect(await statesOf()).toEqual(["acknowledged", "acknowledged", "acknowledged"]);
  });
});

describe("lives of the server", () => {
  test("[S12] a new incarnation is offered the heads, and what it lacks goes again", async () => {
    const { replica, write, script, memory, statesOf } = open();
    for (const text of ["a", "b", "c"]) await write(text);
    await replica.syncOnce();
    script.server = base();
    script.need = [{ deviceId, recordId, from: 2, to: 3 }];
    script.pushes = [];
    while ((await replica.syncOnce()).more);
    expect(script.headsAsked).toBe(1);
    expect(script.pushes.flatMap((p) => p.chains.flatMap((run) => run.entries))).toHaveLength(2);
    expect(await statesOf()).toEqual(["acknowledged", "acknowledged", "acknowledged"]);
    expect(memory.disk.server?.incarnation).toBe(script.server.incarnation);
  });

  test("[S11] an older epoch is refused, and nothing of its answer is taken", async () => {
    const { replica, write, script, statesOf } = open();
    script.server = base({ epoch: 5 });
    await replica.syncOnce();
    await replica.poked(recordId);
    await replica.syncOnce();
    script.server = base({ epoch: 4 });
    await write("a");
    expect(await replica.syncOnce()).toMatchObject({ result: "epoch-behind" });
    expect(await statesOf()).toEqual(["waiting"]);
  });
});

describe("[S20] in the archive", () => {
  const archivedOf = async ({ replica }: Pick<ReturnType<typeof open>, "replica">) =>
    (await replica.entries(recordId)).map((entry) => entry.inArchive);
  const twoEntries = async () => {
    const tablet = open();
    const { replica, script, write } = tablet;
    let position = 6;
    script.answer = () => ({ answer: "accepted", position: ++position });
    await write("a");
    await write("b");
    await replica.syncOnce();
    return tablet;
  };

  test("only up to where the base says that the archive is, and the screens are told", async () => {
    const tablet = await twoEntries();
    const { replica, script } = tablet;
    const told: string[] = [];
    replica.onChange(({ type }) => told.push(type));
    expect(await archivedOf(tablet)).toEqual([false, false]);
    script.server = { ...script.server, archived: 7 };
    await replica.syncOnce();
    expect(await archivedOf(tablet)).toEqual([true, false]);
    script.server = { ...script.server, archived: 8 };
    await replica.syncOnce();
    await replica.syncOnce();
    expect(await archivedOf(tablet)).toEqual([true, true]);
    expect(told.filter((type) => type === "archived")).toHaveLength(2);
  });

  test("not before the base has it, nor what is kept aside or has no known position", async () => {
    const tablet = open();
    const { replica, script, write } = tablet;
    script.server = base({ archived: 100 });
    await write("waits");
    expect(await archivedOf(tablet)).toEqual([false]);
    script.answer = () => ({ answer: "quarantined", code: "unreadable" });
    await replica.syncOnce();
    expect(await archivedOf(tablet)).toEqual([false]);
    script.answer = () => ({ answer: "duplicate" });
    await write("no position");
    await replica.syncOnce();
    expect(await archivedOf(tablet)).toEqual([false, false]);
  });

  test("still after a start with no network, and while the base cannot tell", async () => {
    const tablet = await twoEntries();
    const { replica, script } = tablet;
    script.server = { ...script.server, archived: 8 };
    await replica.syncOnce();
    const { archived: _, ...untold } = script.server;
    script.server = untold;
    await replica.syncOnce();
    expect(await archivedOf(tablet)).toEqual([true, true]);
    const started = open({ wrap: () => tablet.memory });
    expect(await archivedOf(started)).toEqual([true, true]);
  });

  test("no more where the base has gone back without a new life", async () => {
    const tablet = await twoEntries();
    const { replica, script } = tablet;
    script.server = { ...script.server, archived: 8 };
    await replica.syncOnce();
    script.server = { ...script.server, archived: 7 };
    await replica.syncOnce();
    expect(await archivedOf(tablet)).toEqual([true, false]);
  });

  test.for([1, 2])("in a new life of epoch %i only what it has given a position itself", async (epoch) => {
    const tablet = await twoEntries();
    const { replica, script } = tablet;
    script.server = { ...script.server, archived: 8 };
    await replica.syncOnce();
    script.server = base({ archived: 100, epoch });
    await replica.syncOnce();
    expect(await archivedOf(tablet)).toEqual([false, false]);
    // It lacks both, and gives them 9 and 10.
    script.server = base({ archived: 9, epoch });
    script.need = [{ deviceId, recordId, from: 1, to: 2 }];
    while ((await replica.syncOnce()).more);
    expect(await archivedOf(tablet)).toEqual([true, false]);
  });
});

describe("[S13] keeping", () => {
  const day = 86_400_000;
  const at = (days: number): string => new Date(Date.UTC(2026, 0, 1) + days * day).toISOString();

  test("a closed record goes 30 days after the base has it, by the base's clock; its last own entry stays", async () => {
    let nowMs = 0;
    const { replica, write, script, memory } = open({ nowMs: () => nowMs, limits: { evictionEveryRounds: 1 } });
    script.server = base({ time: at(0) });
    await write("a");
    await write("b");
    await replica.syncOnce();
    await replica.setOpen(recordId, false);
    nowMs = tenYearsMs;
    script.server = { ...script.server, time: at(29) };
    replica.poked(recordId);
    await replica.syncOnce();
    expect(memory.disk.entries.size).toBe(2);
    script.server = { ...script.server, time: at(31) };
    replica.poked(recordId);
    await replica.syncOnce();
    expect([...memory.disk.entries.values()].map((e) => e.n)).toEqual([2]);
    expect((await write("c")).n).toBe(3);
  });

  test("a record that has ended at the base goes at once, once nothing of it is here alone and nobody looks at it", async () => {
    const { replica, write, script, memory } = open();
    await write("a");
    script.answer = () => ({ answer: "retry" });
    script.disposed = true;
    const sync = async () => {
      replica.poked(recordId);
      await replica.syncOnce();
      return memory.disk.entries.size;
    };
    expect(await sync()).toBe(1);
    script.answer = () => ({ answer: "accepted", position: 4 });
    // The round that brings the entry home finds the record still open here.
    expect(await sync()).toBe(1);
    await replica.setOpen(recordId, false);
    const unfollow = replica.follow(recordId);
    expect(await sync()).toBe(1);
    unfollow();
    script.disposed = false;
    // Control: what is merely out of scope stays.
    expect(await sync()).toBe(1);
    script.disposed = true;
    expect(await sync()).toBe(0);
    expect(await memory.records()).toEqual([]);
  });

  test("what waits is never evicted", async () => {
    const { replica, write, script, memory } = open({ limits: { evictionEveryRounds: 1 } });
    await write("a");
    await replica.setOpen(recordId, false);
    script.answer = () => ({ answer: "retry" });
    script.server = { ...script.server, time: at(400) };
    for (let round = 0; round < 5; round++) await replica.syncOnce();
    expect(memory.disk.entries.size).toBe(1);
  });
});
