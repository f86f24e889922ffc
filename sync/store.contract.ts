import { describe, expect, test } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import type { HeldEntry, HeldState, LogStore, NewLine, RecordHeads, ReplicaStore } from "./store.ts";

const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const hashOf = (n: number): string => n.toString(16).padStart(64, "0");

const device = uuid(900);
const other = uuid(901);

const sampleEntry = (id: number, recordId: string, deviceId: string, n: number, prev: string | null): Entry => ({
  id: uuid(id),
  recordId,
  deviceId,
  n,
  prev,
  kind: "note",
  v: 1,
  salt: id.toString(16).padStart(32, "0"),
  occurredAt: "2026-01-15T10:00:00.000Z",
  recorded: {
    clock: "2026-01-15T10:00:00.000Z",
    timeZone: "Europe/London",
    serverOffsetMs: null,
    serverOffsetAgeMs: null,
  },
  author: { userId: "demo-1", name: "Demo Medic", role: "Paramedic", signIn: "pin" },
  body: { text: "Testcase ☂ 36.0 \\u0000" },
});

/** A held entry with number `id`; its hash is not real, because stores do not look at it. */
const held = (id: number, recordId: string, n: number, parts: Partial<HeldEntry> = {}): HeldEntry => {
  const deviceId = parts.deviceId ?? device;
  return {
    id: uuid(id),
    recordId,
    deviceId,
    n,
    hash: hashOf(id),
    text: JSON.stringify(sampleEntry(id, recordId, deviceId, n, n === 1 ? null : hashOf(id - 1))),
    lane: "P0",
    state: { at: "waiting" },
    ...parts,
  };
};
const everything = { entriesMax: 1000, bytesMax: 1_000_000 };
const ids = (entries: readonly HeldEntry[]): string[] => entries.map((e) => e.id);

/** What every device store keeps to. `make` gives an empty one; `reopen` the same one after a restart. */
export const replicaStoreContract = (
  name: string,
  make: () => Promise<{ store: ReplicaStore; reopen: () => Promise<ReplicaStore>; close?: () => Promise<void> }>,
): void => {
  describe(`replica store contract: ${name}`, () => {
    const record = uuid(1000);
    const closed = uuid(1001);
    const run = (title: string, body: (store: ReplicaStore, reopen: () => Promise<ReplicaStore>) => Promise<void>) =>
      test(title, async () => {
        const { store, reopen, close } = await make();
        try {
          await body(store, reopen);
        } finally {
          await close?.();
        }
      });

    run("an appended entry is read back as it was, and after a restart", async (store, reopen) => {
      const entry = held(1, record, 1);
      expect(await store.append(entry)).toEqual(entry);
      expect(await store.read(entry.id)).toEqual(entry);
      const again = await reopen();
      expect(await again.read(entry.id)).toEqual(entry);
      expect(ids(await again.entriesOf(record))).toEqual([entry.id]);
      expect((await again.records()).map((r) => [r.recordId, r.open])).toEqual([[record, true]]);
    });

    run("an id that is held is refused, and the first bytes stay", async (store) => {
      await store.append(held(1, record, 1));
      await expect(store.append(held(1, record, 2, { text: "other" }))).rejects.toThrow();
      expect((await store.read(uuid(1)))?.text).toBe(held(1, record, 1).text);
      expect(await store.read(uuid(2))).toBeUndefined();
    });

    run("waiting: open records first, within a chain in order of n", async (store) => {
      await store.append(held(1, closed, 1));
      await store.append(held(2, record, 1));
      await store.append(held(3, closed, 2));
      await store.append(held(4, record, 2));
      await store.setOpen(closed, false);
      const waiting = await store.waiting(everything);
      expect(ids(waiting)).toEqual([uuid(2), uuid(4), uuid(1), uuid(3)]);
      expect(waiting.map((e) => e.lane)).toEqual(["P0", "P0", "P1", "P1"]);
      await store.setOpen(closed, true);
      expect((await store.waiting(everything)).map((e) => e.lane)).toEqual(["P0", "P0", "P0", "P0"]);
    });

    run("waiting: keeps to its limits, and gives one entry however large", async (store) => {
      for (let n = 1; n <= 5; n++) await store.append(held(n, record, n));
      expect(ids(await store.waiting({ entriesMax: 3, bytesMax: 1_000_000 }))).toEqual([uuid(1), uuid(2), uuid(3)]);
      expect(ids(await store.waiting({ entriesMax: 3, bytesMax: 10 }))).toEqual([uuid(1)]);
    });

    run("mark changes the named entries and no others", async (store, reopen) => {
      for (let n = 1; n <= 3; n++) await store.append(held(n, record, n));
      const place = { epoch: 1, position: 7, life: uuid(9), since: "2026-01-15T10:00:00.000Z" };
      await store.mark(
        new Map([
          [uuid(1), { at: "acknowledged", ...place }],
          [uuid(2), { at: "quarantined", code: "unreadable" }],
          [uuid(77), { at: "quarantined", code: "unreadable" }],
        ]),
      );
      const again = await reopen();
      expect(ids(await again.waiting(everything))).toEqual([uuid(3)]);
      expect(await again.counts()).toEqual({ waiting: 1, held: 0, quarantined: 1 });
      expect((await again.read(uuid(1)))?.state).toEqual({ at: "acknowledged", ...place });
      await again.mark(new Map([[uuid(1), { at: "waiting" }]]));
      expect((await again.read(uuid(1)))?.state).toEqual({ at: "waiting" });
      expect(ids(await again.waiting(everything))).toEqual([uuid(1), uuid(3)]);
    });

    run(
      "what a standby holds waits no more, stays through an eviction, and waits again when it is offered again",
      async (store, reopen) => {
        for (let n = 1; n <= 2; n++) await store.append(held(n, record, n));
        await store.mark(new Map([[uuid(1), { at: "held", life: uuid(9) }]]));
        const again = await reopen();
        expect(ids(await again.waiting(everything))).toEqual([uuid(2)]);
        expect((await again.read(uuid(1)))?.state).toEqual({ at: "held", life: uuid(9) });
        expect(await again.counts()).toEqual({ waiting: 1, held: 1, quarantined: 0 });
        await again.mark(new Map([[uuid(2), { at: "acknowledged", epoch: 1, position: 1 }]]));
        await again.setOpen(record, false);
        await expect(again.evict(record, [])).rejects.toThrow();
        await again.offerHeldAgain();
        expect(ids(await again.waiting(everything))).toEqual([uuid(1)]);
      },
    );

    run("[S05] pulled entries and the cursor are stored together", async (store, reopen) => {
      await store.append(held(1, record, 1));
      const foreign = held(2, record, 1, {
        deviceId: other,
        state: { at: "foreign", epoch: 1, position: 3, life: uuid(9) },
      });
      const own = held(1, record, 1, {
        text: "other",
        state: { at: "acknowledged", epoch: 1, position: 2 },
        signature: "s",
      });
      await store.file(record, [own, foreign], { epoch: 1, position: 3 });
      const again = await reopen();
      expect(await again.read(uuid(2))).toEqual(foreign);
      const lacked = { ...foreign.state, lacked: true, held: true } as HeldState;
      await again.mark(new Map([[uuid(2), lacked]]));
      expect((await again.read(uuid(2)))?.state).toEqual(lacked);
      await again.mark(new Map([[uuid(2), foreign.state]]));
      expect((await again.read(uuid(2)))?.state).toEqual(foreign.state);
      // Entries already held keep their text, and take the state and a first signature.
      expect(await again.read(uuid(1))).toEqual({ ...held(1, record, 1), state: own.state, signature: "s" });
      expect((await again.records())[0]).toMatchObject({ recordId: record, cursor: { epoch: 1, position: 3 } });
    });

    run("[S12] a cursor goes back when told to", async (store) => {
      await store.file(record, [], { epoch: 1, position: 30 });
      await store.file(record, [], { epoch: 2, position: 0 });
      expect((await store.records())[0]?.cursor).toEqual({ epoch: 2, position: 0 });
    });

    run("[S13] evict refuses while anything is unconfirmed or the record is open", async (store) => {
      await store.append(held(1, record, 1));
      await store.append(held(2, record, 2));
      await store.file(record, [], { epoch: 1, position: 9 });
      await store.setOpen(record, false);
      await expect(store.evict(record, [])).rejects.toThrow();
      await store.mark(new Map([[uuid(1), { at: "acknowledged", epoch: 1, position: 1 }]]));
      await store.mark(new Map([[uuid(2), { at: "quarantined", code: "unreadable" }]]));
      await expect(store.evict(record, [])).rejects.toThrow();
      await store.mark(new Map([[uuid(2), { at: "acknowledged", epoch: 1, position: 2 }]]));
      await store.setOpen(record, true);
      await expect(store.evict(record, [])).rejects.toThrow();
      expect(await store.entriesOf(record)).toHaveLength(2);
      await store.setOpen(record, false);
      await store.evict(record, [uuid(2)]);
      expect(ids(await store.entriesOf(record))).toEqual([uuid(2)]);
      expect(await store.read(uuid(1))).toBeUndefined();
      expect((await store.records())[0]?.cursor).toEqual({ epoch: 1, position: 0 });
      await store.evict(record, []);
      expect(await store.records()).toEqual([]);
    });

    run("the last server state is kept", async (store, reopen) => {
      expect(await store.server()).toBeUndefined();
      const state = {
        protocol: 1,
        trust: "northmoor",
        epoch: 3,
        incarnation: uuid(5),
        time: "2026-01-15T10:00:00.000Z",
      };
      await store.setServer(state);
      expect(await (await reopen()).server()).toEqual(state);
    });
  });
};

/** What every log store keeps to. `make` gives an empty log. Quarantined lines hold any text at all. */
export const logStoreContract = (
  name: string,
  make: () => Promise<{ store: LogStore; close?: () => Promise<void> }>,
): void => {
  describe(`log store contract: ${name}`, () => {
    const record = uuid(1000);
    const second = uuid(1001);
    const line = (id: number, n: number, parts: Partial<NewLine> = {}): NewLine => {
      const recordId = parts.recordId ?? record;
      const deviceId = parts.deviceId ?? device;
      const entry = sampleEntry(id, recordId, deviceId, n, n === 1 ? null : hashOf(id - 1));
      const hash = hashOf(id);
      return {
        recordId,
        deviceId,
        hash,
        text: JSON.stringify(entry),
        signature: "sig",
        entry,
        quarantine: undefined,
        ...parts,
      };
    };
    const poison = (id: number): NewLine =>
      line(id, 1, { text: 'not JSON \u0000 \ud800 "', entry: null, quarantine: "unreadable" });
    const headsOf = async (store: LogStore, recordId = record): Promise<RecordHeads | undefined> =>
      (await store.heads([recordId])).get(recordId);
    const run = (title: string, body: (store: LogStore) => Promise<void>) =>
      test(title, async () => {
        const { store, close } = await make();
        try {
          await body(store);
        } finally {
          await close?.();
        }
      });
    const last = async (store: LogStore, recordId = record) => (await headsOf(store, recordId))?.lastPosition ?? 0;

    run("[S14] positions go on without a gap, in the order given", async (store) => {
      const first = await store.append(
        [line(1, 1), line(2, 2), line(3, 1, { recordId: second })],
        new Map([
          [record, await last(store)],
          [second, await last(store, second)],
        ]),
      );
      if (first.outcome !== "committed") throw new Error(first.outcome);
      const next = await store.append([line(4, 1, { deviceId: other })], new Map([[record, await last(store)]]));
      expect(next).toEqual({ outcome: "committed", epoch: first.epoch, firstPosition: first.firstPosition + 3 });
      expect(await last(store)).toBe(first.firstPosition + 3);
      expect(await last(store, second)).toBe(first.firstPosition + 2);
    });

    run("heads give chains with their holes, and quarantined hashes", async (store) => {
      expect((await headsOf(store))?.chains.size ?? 0).toBe(0);
      await store.append([line(1, 1), line(3, 3), poison(9)], new Map([[record, 0]]));
      const heads = (await headsOf(store))!;
      const chain = heads.chains.get(device)!;
      expect([chain[1], chain[2], chain[3], chain[4]]).toEqual([hashOf(1), undefined, hashOf(3), undefined]);
      expect([...heads.quarantined]).toEqual([hashOf(9)]);
      if (heads.holes) expect(heads.holes.get(device)?.get(2)).toBe(hashOf(2));
    });

    run("a record that moved on is stale, and nothing is stored", async (store) => {
      await store.append([line(1, 1)], new Map([[record, 0]]));
      const before = await last(store);
      const outcome = await store.append([line(2, 2)], new Map([[record, 0]]));
      expect(outcome).toEqual({ outcome: "stale", recordIds: [record] });
      expect(await last(store)).toBe(before);
    });

    run(
      "[S15] an id that is stored, also in another record, is told with its hash, and nothing is stored",
      async (store) => {
        await store.append([line(1, 1)], new Map([[record, 0]]));
        const again = line(2, 1, { recordId: second });
        const outcome = await store.append(
          [{ ...again, entry: { ...again.entry!, id: uuid(1) } }, line(5, 2, { recordId: second })],
          new Map([[second, 0]]),
        );
        expect(outcome).toEqual({ outcome: "id-taken", stored: new Map([[uuid(1), hashOf(1)]]) });
        expect(await last(store, second)).toBe(0);
      },
    );

    run("of two appends at once on one record, one is stale", async (store) => {
      const outcomes = await Promise.all([
        store.append([line(1, 1)], new Map([[record, 0]])),
        store.append([line(2, 1, { deviceId: other })], new Map([[record, 0]])),
      ]);
      expect(outcomes.map((o) => o.outcome).sort()).toEqual(["committed", "stale"]);
      const chains = (await headsOf(store))!.chains;
      expect([...chains.values()].flat().filter(Boolean)).toHaveLength(1);
    });

    run("a quarantined line may hold any text, reserves no id, and its hash may be accepted later", async (store) => {
      const outcome = await store.append([poison(1), line(1, 1)], new Map([[record, 0]]));
      expect(outcome.outcome).toBe("committed");
    });
  });
};
