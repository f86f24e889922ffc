import { onlyServer } from "#client/servers.ts";
import "fake-indexeddb/auto";
import { createHash, pbkdf2Sync } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { fromBase64url } from "#client/bytes.ts";
import type { Client } from "#client/client.ts";
import { createCredentials } from "#client/credentials.ts";
import { createBox, openBoxed } from "#client/inbox.ts";
import { createIdentity } from "#client/keys.ts";
import { browserRandom } from "#client/ports.ts";
import { openClient } from "#client/session.ts";
import type { AccessesRequest } from "#protocol/accesses.ts";
import type { EnrolResponse } from "#protocol/enrolment.ts";
import { type ChainRun, inboxAbout, type PushRequest } from "#protocol/push.ts";
import { pinKeys } from "#server/identity/pin-keys.ts";
import { useListener } from "./listener.ts";

export const author = { userId: "demo-1", name: "DEMO-Medic", role: "Paramedic", signIn: "pin" };
export const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const inbox = await createBox();
const serverState = () => ({
  protocol: 1,
  trust: "northmoor",
  epoch: 1,
  incarnation: base.incarnation,
  time: new Date().toISOString(),
  ...(base.standby && { standby: base.standby }),
});

/** A base of a few lines, with faults to switch on: it answers as the wire says, and keeps what it is sent. */
export const base = {
  url: "",
  up: true,
  pushed: [] as string[],
  /** Records whose opening on a device it was told of. */
  told: [] as string[],
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
  /** It is a standby, which holds what is pushed. */
  standby: undefined as { asOf: string } | undefined,
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
  const key = pinKeys(pbkdf2Sync("2468", salt, 1_000, 32, "sha256")).wrap;
  const pinWrap = { salt: salt.toString("base64url"), rounds: 1_000, key };
  return {
    server: serverState(),
    deviceId,
    trustName: "Northmoor",
    token: "the-token",
    ...(base.hasInbox && { pushToken: "push-only", inboxKey: inbox.publicKey }),
    kind: base.kind,
    people: [
      { userId: "demo-1", name: "DEMO-Medic", role: "Paramedic", pinWrap },
      { userId: "demo-2", name: "DEMO-Technician", role: "Technician", pinWrap },
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
    const answers = texts.map((text) => {
      const position = base.pushed.push(text);
      return { hash: sha256(text), ...(base.standby ? { answer: "held" } : { answer: "accepted", position }) };
    });
    return void json({ server: serverState(), answers, need: [], lanes: ["P0", "P1"] });
  }
  if (path === "/sync/v1/pull" && base.readsEnded) return void response.writeHead(401).end("{}");
  if (path === "/sync/v1/pull") return void json({ server: serverState(), records: {} });
  if (path === "/sync/v1/accesses") {
    const { accesses } = body as AccessesRequest;
    base.told.push(...accesses.flatMap(({ recordId }) => recordId ?? []));
    return void json({ server: serverState(), stored: accesses.map(({ id }) => id) });
  }
  json({ server: serverState(), need: [] });
};

/** Starts the base for one test file, and a browser's few globals; clients that were opened are closed after each test. */
export const useStubBase = () => {
  const url = useListener((request, response) => void answer(request, response));
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

  beforeAll(() => {
    base.url = url();
  });
  beforeEach(() => {
    Object.assign(base, {
      up: true,
      pushed: [],
      told: [],
      pushedSealed: 0,
      hasInbox: true,
      blobs: new Map(),
      chunks: 0,
    });
    Object.assign(base, { kind: "tablet", readsEnded: false, standby: undefined });
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
    servers: onlyServer(base.url),
    credentials: createCredentials(await createIdentity(), { token: () => "the-token" }),
  });
  const note = (recordId: string) => ({ recordId, kind: "note", body: { text: "Testcase" }, author });
  const until = (condition: () => boolean) => expect.poll(condition).toBe(true);
  return { open, enrolled, endpoint, note, until };
};
