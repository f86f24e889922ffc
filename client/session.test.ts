import "fake-indexeddb/auto";
import { createHash, pbkdf2Sync } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { EnrolResponse } from "#protocol/enrolment.ts";
import { limits } from "#protocol/limits.ts";
import { type ChainRun, inboxAbout, type PushRequest } from "#protocol/push.ts";
import { createBlobs } from "./blobs.ts";
import { fromBase64url } from "./bytes.ts";
import type { Client } from "./client.ts";
import { createCredentials } from "./credentials.ts";
import { Database } from "./database.ts";
import { createBox, openBoxed } from "./inbox.ts";
import { createIdentity, createScreenKey } from "./keys.ts";
import { browserRandom } from "./ports.ts";
import { openClient } from "./session.ts";

const author = { userId: "demo-1", name: "DEMO-Medic", role: "Paramedic", signIn: "pin" };
const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const inbox = await createBox();
const serverState = () => ({
  protocol: 1,
  trust: "northmoor",
  epoch: 1,
  incarnation: base.incarnation,
  time: new Date().toISOString(),
});

/** A base of a few lines, with faults to switch on: it answers as the wire says, and keeps what it is sent. */
const base = {
  url: "",
  up: true,
  pushed: [] as string[],
  enrolled: [] as string[],
  /** The answer to an enrolment does not arrive. */
  losesEnrolment: false,
  /** How many of them came sealed. */
  pushedSealed: 0,
  hasInbox: true,
  blobs: new Map<string, Buffer>(),
  chunks: 0,
  /** Breaks the connection after this many blob chunks, once. */
  breakAfterChunks: Number.POSITIVE_INFINITY,
  kind: "tablet" as EnrolResponse["kind"],
  incarnation: "00000000-0000-7000-8000-000000000001",
  /** The device's term to read is over: a pull is answered 401. */
  readsEnded: false,
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

const enrolAnswer = (deviceId: string): EnrolResponse => {
  const salt = Buffer.from("0123456789abcdef");
  const key = pbkdf2Sync("2468", salt, 1_000, 32, "sha256").toString("base64url");
  const pin = { salt: salt.toString("base64url"), rounds: 1_000, key };
  return {
    server: serverState(),
    deviceId,
    trustName: "Northmoor",
    token: "the-token",
    ...(base.hasInbox && { pushToken: "push-only", inboxKey: inbox.publicKey }),
    kind: base.kind,
    people: [
      { userId: "demo-1", name: "DEMO-Medic", role: "Paramedic", pin },
      { userId: "demo-2", name: "DEMO-Technician", role: "Technician", pin },
    ],
    vehicles: [],
    sites: [],
    formulary: [],
    demonstration: true,
  };
};

const blobAnswer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const held = base.blobs.get(request.url!) ?? Buffer.alloc(0);
  if (request.method === "GET") return void response.writeHead(held.length > 0 ? 200 : 404).end(held);
  if (request.method === "HEAD") return void response.writeHead(200, { "upload-offset": held.length }).end();
  if (base.chunks >= base.breakAfterChunks) {
    base.breakAfterChunks = Number.POSITIVE_INFINITY;
    return void request.socket.destroy();
  }
  base.chunks++;
  if (Number(request.headers["upload-offset"]) !== held.length) {
    return void response.writeHead(409, { "upload-offset": held.length }).end();
  }
  const grown = Buffer.concat([held, await bodyOf(request)]);
  base.blobs.set(request.url!, grown);
  response.writeHead(204, { "upload-offset": grown.length }).end();
};

const opened = async ({ deviceId, recordId, entries, sealed }: ChainRun): Promise<string[]> => {
  if (sealed === undefined) return entries;
  base.pushedSealed += entries.length;
  const about = inboxAbout(deviceId, recordId);
  return Promise.all(entries.map((entry) => openBoxed(inbox.privateKey, about, fromBase64url(entry))));
};

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (!base.up) return void request.socket.destroy();
  const json = (value: unknown) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
  const path = request.url!;
  if (path === "/identity/v1/enrol") {
    const { deviceId } = JSON.parse(String(await bodyOf(request)));
    base.enrolled.push(deviceId);
    return base.losesEnrolment ? void request.socket.destroy() : void json(enrolAnswer(deviceId));
  }
  if (path === "/identity/v1/nonce") return void response.writeHead(204, { "dpop-nonce": "n1" }).end();
  const token = request.headers.authorization;
  const may = token === "DPoP the-token" || (token === "DPoP push-only" && path === "/sync/v1/push");
  if (!may) return void response.writeHead(401).end("{}");
  if (path.startsWith("/blobs/")) return blobAnswer(request, response);
  const body = JSON.parse(String(await bodyOf(request)));
  if (path === "/sync/v1/push") {
    const texts = (await Promise.all((body as PushRequest).chains.map(opened))).flat();
    const answers = texts.map((text) => ({ hash: sha256(text), answer: "accepted", position: base.pushed.push(text) }));
    return void json({ server: serverState(), answers, need: [], lanes: ["P0", "P1"] });
  }
  if (path === "/sync/v1/pull" && base.readsEnded) return void response.writeHead(401).end("{}");
  if (path === "/sync/v1/pull") return void json({ server: serverState(), records: {} });
  json({ server: serverState(), need: [] });
};

describe("a client", () => {
  const server = createServer((request, response) => void answer(request, response));
  const clients: Client[] = [];
  const open = async (database: string): Promise<Client> => {
    const client = await openClient({ app: "tablet", database });
    clients.push(client);
    return client;
  };
  const enrolled = async (database = browserRandom.uuid()): Promise<Client> => {
    const client = await open(database);
    await client.enrol(base.url, "code");
    return client;
  };

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    Object.assign(base, { up: true, pushed: [], pushedSealed: 0, hasInbox: true, blobs: new Map(), chunks: 0 });
    Object.assign(base, { kind: "tablet", readsEnded: false });
    vi.stubGlobal("sessionStorage", { getItem: () => null, setItem: () => {}, removeItem: () => {} });
    vi.stubGlobal("addEventListener", () => {});
    vi.stubGlobal("removeEventListener", () => {});
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    vi.unstubAllGlobals();
  });
  const endpoint = async () => ({
    baseUrl: base.url,
    credentials: createCredentials(await createIdentity(), { token: () => "the-token" }),
  });
  const note = (recordId: string) => ({ recordId, kind: "note", body: { text: "Testcase" }, author });
  const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 30_000 });

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
    await vi.waitFor(async () => expect(await database.get("drafts")).toBeDefined());
    const stored = await database.run((rows) => rows.things.toArray());
    expect(Buffer.from((await database.get<Uint8Array>("drafts"))!).includes("DEMO half")).toBe(false);
    expect(JSON.stringify(stored)).not.toContain("DEMO half");
    await database.close();
    await first.close();
    const second = await open(name);
    await second.unlock("demo-2", "2468");
    expect(second.drafts.get("note")).toBe("DEMO half a wor");
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
    await database.write(["blobs"], (rows) => rows.blobs.update([recordId, name], { content: new Uint8Array(40) }));
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
