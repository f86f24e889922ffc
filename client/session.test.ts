import { describe, expect, it, vi } from "vitest";
import { limits } from "#protocol/limits.ts";
import { author, base, sha256, useStubBase } from "#test/stub-base.ts";
import { createBlobs } from "./blobs.ts";
import { Database } from "./database.ts";
import { createScreenKey } from "./keys.ts";
import { browserRandom } from "./ports.ts";

describe("a client", () => {
  const { open, enrolled, endpoint, note, until } = useStubBase();

  it("enrols, unlocks by PIN, writes with no base, and sends when it is back", async () => {
    const client = await enrolled();
    expect(client.getSnapshot().phase).toBe("locked");
    expect(await client.unlock("demo-1", "0000")).toMatchObject({ unlocked: false, why: "wrong-pin" });
    expect(await client.unlock("demo-1", "2468")).toEqual({ unlocked: true });
    base.up = false;
    await client.syncNow();
    const held = await client.replica.write(note(browserRandom.uuid()));
    await until(() => client.getSnapshot().waiting === 1 && client.getSnapshot().link === "unreachable");
    base.up = true;
    await client.syncNow();
    await until(() => client.getSnapshot().waiting === 0 && client.getSnapshot().link === "online");
    expect(base.pushed).toEqual([held.text]);
  });

  it("tells what was opened here to a base, and not to a standby, which may never be one", async () => {
    const client = await enrolled();
    await client.unlock("demo-1", "2468");
    const recordId = browserRandom.uuid();
    base.standby = { asOf: "2026-11-23T03:00:00.000Z" };
    await client.syncNow();
    client.opened(recordId, author);
    await client.syncNow();
    await until(() => client.getSnapshot().standby !== null);
    await client.syncNow();
    expect(base.told).toEqual([]);
    base.standby = undefined;
    await client.syncNow();
    await until(() => base.told.length > 0);
    expect(base.told).toEqual([recordId]);
  });

  it("enrols with the same key when the first answer was lost, because its code is used", async () => {
    const client = await open(browserRandom.uuid());
    Object.assign(base, { enrolled: [], losesEnrolment: true });
    await expect(client.enrol(base.url, "code")).rejects.toThrow();
    expect(client.getSnapshot().phase).toBe("new");
    base.losesEnrolment = false;
    await client.enrol(base.url, "code");
    expect(client.getSnapshot().phase).toBe("locked");
    expect(base.enrolled).toEqual([base.enrolled[0], base.enrolled[0]]);
  });

  it("is locked after a restart, keeps the wait after wrong PINs, and has its entries when opened again", async () => {
    const name = browserRandom.uuid();
    const recordId = browserRandom.uuid();
    const first = await enrolled(name);
    await first.unlock("demo-1", "2468");
    const held = await first.replica.write(note(recordId));
    await first.close();
    const second = await open(name);
    expect(second.getSnapshot().phase).toBe("locked");
    expect(() => second.replica).toThrow("locked");
    await second.unlock("demo-1", "2468");
    expect((await second.replica.entries(recordId)).map(({ id }) => id)).toEqual([held.id]);
    second.lock();
    for (let wrong = 0; wrong < 5; wrong++) await second.unlock("demo-1", "0000");
    await second.close();
    const third = await open(name);
    expect(await third.unlock("demo-1", "2468")).toMatchObject({ unlocked: false, why: "wait" });
  });

  it("lets one tab write: a second waits, and goes on when the first closes", async () => {
    const name = browserRandom.uuid();
    const first = await enrolled(name);
    const second = await open(name);
    expect(second.getSnapshot().phase).toBe("other-tab");
    await first.close();
    await until(() => second.getSnapshot().phase === "locked");
  });

  it("opens a screen without a PIN", async () => {
    base.kind = "screen";
    const client = await enrolled();
    expect(client.getSnapshot().phase).toBe("ready");
  });

  it("sends a blob in chunks and goes on where a broken connection stopped it", async () => {
    const client = await enrolled();
    await client.unlock("demo-1", "2468");
    const bytes = crypto.getRandomValues(new Uint8Array(65_536)).slice(0, limits.blobChunkBytes);
    const large = new Uint8Array(3 * bytes.length + 7).map((_, index) => bytes[index % bytes.length]!);
    base.breakAfterChunks = 2;
    const recordId = browserRandom.uuid();
    const ref = await client.blobs.put(recordId, large, "application/x-ecg");
    await until(() => client.getSnapshot().waitingBlobs === 1);
    await client.syncNow();
    await until(() => base.breakAfterChunks === Number.POSITIVE_INFINITY);
    await client.syncNow();
    await until(() => client.getSnapshot().waitingBlobs === 0);
    expect(sha256(base.blobs.get(`/blobs/v1/${recordId}/${ref.sha256}`)!)).toBe(ref.sha256);
    expect(base.chunks).toBe(4);
  });

  it("offers its blobs anew to a base in a new life, which may have lost them", async () => {
    const client = await enrolled();
    await client.unlock("demo-1", "2468");
    await client.blobs.put(browserRandom.uuid(), new TextEncoder().encode("DEMO trace"), "application/x-ecg");
    await client.syncNow();
    await until(() => base.blobs.size === 1 && client.getSnapshot().waitingBlobs === 0);
    base.blobs.clear();
    base.incarnation = browserRandom.uuid();
    await client.syncNow();
    await client.syncNow();
    await until(() => base.blobs.size === 1 && client.getSnapshot().waitingBlobs === 0);
  });

  it("brings its blobs home when its term to read is over", async () => {
    const client = await enrolled();
    await client.unlock("demo-1", "2468");
    base.readsEnded = true;
    await client.blobs.put(browserRandom.uuid(), new TextEncoder().encode("DEMO trace"), "application/x-ecg");
    await client.syncNow();
    await until(() => base.blobs.size === 1);
    expect(client.getSnapshot().link).toBe("refused");
  });

  it("[S06] a blob gives way between two chunks, and goes on from there", async () => {
    const blobs = createBlobs(new Database(browserRandom.uuid()), await createScreenKey(), await endpoint());
    await blobs.put(browserRandom.uuid(), new Uint8Array(3 * limits.blobChunkBytes), "application/x-ecg");
    expect(await blobs.upload(() => base.chunks >= 1)).toBe(false);
    expect([base.chunks, await blobs.waiting()]).toEqual([1, 1]);
    expect(await blobs.upload()).toBe(true);
    expect([base.chunks, await blobs.waiting()]).toEqual([3, 0]);
  });

  it("fetches a blob again whose copy here does not open any more", async () => {
    const database = new Database(browserRandom.uuid());
    const blobs = createBlobs(database, await createScreenKey(), await endpoint());
    const recordId = browserRandom.uuid();
    const { sha256: name } = await blobs.put(recordId, new TextEncoder().encode("good"), "text/plain");
    await blobs.upload();
    expect(new TextDecoder().decode(await blobs.held(recordId, name))).toBe("good");
    await database.write(["blobs"], (rows) => rows.blobs.update([recordId, name], { content: new Uint8Array(40) }));
    expect(await blobs.held(recordId, name)).toBeUndefined();
    expect(new TextDecoder().decode(await blobs.get(recordId, name))).toBe("good");
  });

  it("gives a blob of the base only if it matches its hash", async () => {
    const client = await enrolled();
    await client.unlock("demo-1", "2468");
    const recordId = browserRandom.uuid();
    const good = sha256("good");
    base.blobs.set(`/blobs/v1/${recordId}/${good}`, Buffer.from("good"));
    expect(new TextDecoder().decode(await client.blobs.get(recordId, good))).toBe("good");
    const other = sha256("what was asked for");
    base.blobs.set(`/blobs/v1/${recordId}/${other}`, Buffer.from("something else"));
    expect(await client.blobs.get(recordId, other)).toBeUndefined();
  });

  it("never shows a write as saved that the store refused, and sends its text past the store", async () => {
    const client = await enrolled();
    await client.unlock("demo-1", "2468");
    const full = vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const failure = await client.replica.write(note(browserRandom.uuid())).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "NotSaved", cause: { code: "quota" } });
    expect(client.getSnapshot().failure?.code).toBe("quota");
    const { text } = failure as { text: string };
    expect(await client.pushUnsaved(text)).toBe(true);
    expect(base.pushed).toEqual([text]);
    full.mockRestore();
    await client.replica.write(note(browserRandom.uuid()));
    expect(client.getSnapshot().failure).toBeNull();
  });
});
