import { describe, expect, it, vi } from "vitest";
import { author, base, useStubBase } from "#test/stub-base.ts";
import { Database } from "./database.ts";
import { type DeviceIdentity, signerOf } from "./keys.ts";
import { pushLocked } from "./locked-push.ts";
import { browserRandom } from "./ports.ts";

describe("a tablet that is locked", () => {
  const { open, enrolled, note, until } = useStubBase();

  it.each([true, false])(
    "goes on sending what waits after a lock, to a base that has an inbox: %s",
    async (hasInbox) => {
      base.hasInbox = hasInbox;
      const client = await enrolled();
      await client.unlock("demo-1", "2468");
      base.up = false;
      await client.syncNow();
      const held = await client.replica.write(note(browserRandom.uuid()));
      await until(() => client.getSnapshot().waiting === 1);
      client.lock();
      expect(client.getSnapshot().phase).toBe("locked");
      expect(() => client.replica).toThrow("locked");
      base.up = true;
      await client.syncNow();
      await until(() => base.pushed.length === 1 && client.getSnapshot().waiting === 0);
      expect(base.pushed).toEqual([held.text]);
      expect(base.pushedSealed).toBe(hasInbox ? 1 : 0);
    },
  );

  it("sends sealed, with its authors as they are, what waits on a tablet that nobody can unlock any more", async () => {
    const name = browserRandom.uuid();
    const recordId = browserRandom.uuid();
    const first = await enrolled(name);
    await first.unlock("demo-1", "2468");
    base.up = false;
    await first.syncNow();
    const held = [await first.replica.write(note(recordId)), await first.replica.write(note(recordId))];
    await first.close();
    const database = new Database(name);
    await database.set("wraps", []);
    await database.close();
    base.up = true;
    const second = await open(name);
    expect(await second.unlock("demo-1", "2468")).toMatchObject({ unlocked: false, why: "unknown-person" });
    await until(() => base.pushed.length === 2 && second.getSnapshot().waiting === 0);
    expect(base.pushed).toEqual(held.map(({ text }) => text));
    expect(JSON.parse(base.pushed[0]!).author).toEqual(author);
    expect(base.pushedSealed).toBe(2);
  });

  it("writes while locked, sends that sealed, and shows it after the unlock, as one chain with what follows", async () => {
    const client = await enrolled();
    const recordId = browserRandom.uuid();
    const unconfirmed = { userId: "unconfirmed", name: "Author to be confirmed", role: "", signIn: "none" };
    const draft = { ...note(recordId), author: unconfirmed };
    base.up = false;
    const locked = [await client.writeLocked(draft), await client.writeLocked(draft)];
    await until(() => client.getSnapshot().waiting === 2);
    expect(() => client.replica).toThrow("locked");
    base.up = true;
    expect(await client.unlock("demo-1", "2468")).toEqual({ unlocked: true });
    const last = await client.replica.write(note(recordId));
    const found = await client.replica.entries(recordId);
    expect(found.map(({ text }) => text)).toEqual([...locked, last].map(({ text }) => text));
    expect(found.map(({ n }) => n)).toEqual([1, 2, 3]);
    await client.syncNow();
    await until(() => client.getSnapshot().waiting === 0);
    await expect(client.writeLocked(draft)).rejects.toThrow("not locked");
  });

  it("sends to a standby once, says that one answers, and sends the same again once the base does", async () => {
    const client = await enrolled();
    base.standby = { asOf: "2026-11-22T14:31:07.000Z" };
    const held = await client.writeLocked(note(browserRandom.uuid()));
    await until(() => client.getSnapshot().held === 1);
    expect(client.getSnapshot()).toMatchObject({ waiting: 0, standby: base.standby, link: "online" });
    await client.close();

    const database = new Database(client.database);
    const identity = (await database.get<DeviceIdentity>("identity"))!;
    const push = vi.fn(async () => ({
      server: { protocol: 1, trust: "northmoor", epoch: 1, incarnation: base.incarnation, time: held.id },
      answers: [{ hash: held.hash, answer: "held" as const }],
      need: [],
      lanes: [],
    }));
    // The round after it waits as one in which nothing came of anything.
    expect(await pushLocked(database, signerOf(identity), { push })).toMatchObject({ pushed: 0, more: false });
    expect(push).toHaveBeenCalledOnce();
    await database.close();

    base.standby = undefined;
    const again = await open(client.database);
    await until(() => again.getSnapshot().lastContactMs !== null);
    expect(again.getSnapshot()).toMatchObject({ waiting: 0, held: 0, standby: null });
    expect(new Set(base.pushed)).toEqual(new Set([held.text]));
  });

  it("destroys a person's unlock at the tenth wrong PIN, while writing goes on and a crewmate is let in", async () => {
    const clock = vi.spyOn(Date, "now");
    let now = Date.UTC(2026, 10, 23);
    clock.mockImplementation(() => now);
    try {
      const client = await enrolled();
      for (let wrong = 1; wrong <= 10; wrong++) {
        const answer = await client.unlock("demo-1", "0000");
        expect(answer).toMatchObject({ unlocked: false, why: wrong === 10 ? "destroyed" : "wrong-pin" });
        if (answer.unlocked === false && answer.retryAfterMs > 0) {
          expect(await client.unlock("demo-1", "2468")).toMatchObject({ why: "wait" });
          now += answer.retryAfterMs;
        }
      }
      now += 3_600_000;
      expect(await client.unlock("demo-1", "2468")).toMatchObject({ unlocked: false, why: "destroyed" });
      await client.writeLocked(note(browserRandom.uuid()));
      expect(await client.unlock("demo-2", "2468")).toEqual({ unlocked: true });
    } finally {
      clock.mockRestore();
    }
  });

  it("lets its people in again with a code when nobody can unlock it, once all that it holds is at the base", async () => {
    const name = browserRandom.uuid();
    const first = await enrolled(name);
    await first.unlock("demo-1", "2468");
    base.up = false;
    await first.syncNow();
    await first.replica.write(note(browserRandom.uuid()));
    await first.close();
    const database = new Database(name);
    const identity = await database.get<{ deviceId: string }>("identity");
    await database.set("wraps", []);
    await database.close();
    const second = await open(name);
    await expect(second.letInAgain("code")).rejects.toThrow("Send them first");
    expect(second.getSnapshot().waiting).toBe(1);
    base.up = true;
    await second.letInAgain("code");
    expect(base.pushed).toHaveLength(1);
    expect(await second.unlock("demo-1", "2468")).toEqual({ unlocked: true });
    expect(await second.records()).toEqual([]);
    expect(second.getSnapshot().enrolment?.deviceId).toBe(identity?.deviceId);
    await second.replica.write(note(browserRandom.uuid()));
  });

  it("keeps what is half typed through a lock and a restart, sealed, and gives it back to an unlock alone", async () => {
    const name = browserRandom.uuid();
    const first = await enrolled(name);
    first.drafts.set("note", "never kept while locked");
    await first.unlock("demo-1", "2468");
    expect(first.drafts.get("note")).toBeUndefined();
    first.drafts.set("note", "DEMO half a wor");
    first.lock();
    expect(first.drafts.get("note")).toBeUndefined();
    const database = new Database(name);
    await expect.poll(() => database.get("drafts")).toBeDefined();
    const stored = await database.run((rows) => rows.things.toArray());
    expect(Buffer.from((await database.get<Uint8Array>("drafts"))!).includes("DEMO half")).toBe(false);
    expect(JSON.stringify(stored)).not.toContain("DEMO half");
    await database.close();
    await first.close();
    const second = await open(name);
    await second.unlock("demo-2", "2468");
    expect(second.drafts.get("note")).toBe("DEMO half a wor");
  });
});
