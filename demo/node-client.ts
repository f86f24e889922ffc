import { createHash, generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import type * as z from "zod/mini";
import type { BlobRef } from "#domain/entry/entry.ts";
import { type ArrivalsResponse, arrivalsResponse } from "#protocol/arrivals.ts";
import { type EnrolResponse, enrolResponse } from "#protocol/enrolment.ts";
import { headsResponse } from "#protocol/heads.ts";
import { limits } from "#protocol/limits.ts";
import { pullResponse } from "#protocol/pull.ts";
import { pushResponse } from "#protocol/push.ts";
import type { SessionTokens } from "#protocol/session.ts";
import { protocolVersion } from "#protocol/version.ts";
import { createMemoryReplicaStore } from "#sync/memory-replica-store.ts";
import { type Clock, type Random, type Transport, TransportFailure } from "#sync/ports.ts";
import { createReplica, type Replica, type SyncOutcome } from "#sync/replica.ts";
import type { ReplicaStore } from "#sync/store.ts";
import { failureOf, jsonOf, type NodeAnswer, type NodeEndpoint, type NodeHttp, nodeHttp } from "./node-http.ts";
import { signWith } from "./node-proofs.ts";
import { anySignIn, nodeSession } from "./node-session.ts";

/** RFC 9562: 48 bits of the clock, version 7, 74 random bits. */
const uuidV7 = (): string => {
  const time = Date.now().toString(16).padStart(12, "0");
  const random = randomBytes(10).toString("hex");
  const variant = ((Number.parseInt(random.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
};

export const nodeRandom: Random = {
  uuid: uuidV7,
  hex: (bytes) => randomBytes(bytes).toString("hex"),
  unit: () => randomInt(2 ** 32) / 2 ** 32,
};
const nodeClock: Clock = { nowMs: () => Date.now(), timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone };
const sha256Of = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** Syncs until nothing more is waiting here or there, or a round fails: the outcome of the last round. */
export const syncAll = async (replica: Replica, roundsMax = 50): Promise<SyncOutcome> => {
  let outcome = await replica.syncOnce();
  for (let rounds = 1; outcome.more && outcome.result === "done" && rounds < roundsMax; rounds++)
    outcome = await replica.syncOnce();
  return outcome;
};

/** What belongs in an entry's `blobs` for these bytes. */
export const blobRefOf = (bytes: Uint8Array, mime: string): BlobRef => ({
  sha256: sha256Of(bytes),
  bytes: bytes.length,
  mime,
});

/** A device in Node that speaks to a cell as a tablet or a screen does: the same replica, messages and signatures. */
export interface NodeDevice {
  enrolment: EnrolResponse;
  replica: Replica;
  /** Uploads in chunks, from wherever the base says it stopped, and gives the reference for an entry. */
  putBlob(recordId: string, bytes: Uint8Array, mime: string): Promise<BlobRef>;
  getBlob(recordId: string, sha256: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The site's board; screens only. */
  arrivals(): Promise<ArrivalsResponse>;
  /** Any other GET as this device; throws a TransportFailure unless it is answered 2xx. */
  get(path: string, accept?: string): Promise<NodeAnswer>;
  publicKey: { x: string; y: string };
  /** Somebody signed in on it; a tablet does it by itself, with one of its grants. */
  signedIn(tokens: SessionTokens): void;
  close(): void;
}

export interface NodeDeviceOptions extends NodeEndpoint {
  code: string;
  name?: string;
  clock?: Clock;
  store?: ReplicaStore;
}

const ok = (answer: NodeAnswer): NodeAnswer => {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw failureOf(answer);
};

const read = <T extends z.ZodMiniType>(schema: T, answer: NodeAnswer): z.infer<T> => {
  const parsed = schema.safeParse(jsonOf(ok(answer)));
  if (!parsed.success)
    throw new TransportFailure("unreachable", "What answered is not the base, or speaks differently.");
  return parsed.data;
};

const putBlob = async (http: NodeHttp, recordId: string, bytes: Uint8Array, mime: string): Promise<BlobRef> => {
  const ref = blobRefOf(bytes, mime);
  const path = `/blobs/v1/${recordId}/${ref.sha256}`;
  const stored = await http.call("HEAD", path);
  if (stored.status !== 404) ok(stored);
  let offset = stored.status === 404 ? 0 : Number(stored.headers["upload-offset"] ?? 0);
  // The base may say twice that it stands elsewhere; a base that never moves on must not hold us for ever.
  for (
    let chunks = 0;
    offset < bytes.length && chunks <= 2 * Math.ceil(bytes.length / limits.blobChunkBytes);
    chunks++
  ) {
    const answer = await http.call("PATCH", path, {
      body: bytes.subarray(offset, offset + limits.blobChunkBytes),
      headers: {
        "content-type": "application/offset+octet-stream",
        "upload-offset": String(offset),
        "upload-length": String(bytes.length),
        "upload-type": mime,
      },
    });
    if (answer.status !== 409) ok(answer);
    offset = Number(answer.headers["upload-offset"] ?? Number.NaN);
    if (!Number.isInteger(offset))
      throw new TransportFailure("rejected", "The base did not say how much it has stored.");
  }
  if (offset < bytes.length) throw new TransportFailure("rejected", "The base does not take the attachment.");
  return ref;
};

/** Enrols a new device with a code. Throws a TransportFailure: `refused` or `rejected` for a code that is not valid. */
export const enrolNodeDevice = async (options: NodeDeviceOptions): Promise<NodeDevice> => {
  const session = nodeSession();
  const http = nodeHttp(options, session);
  const post = (path: string, body: unknown) => http.call("POST", path, { body: JSON.stringify(body) });
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" }) as { x: string; y: string };
  const enrolment = read(
    enrolResponse,
    await post("/identity/v1/enrol", {
      protocol: protocolVersion,
      code: options.code,
      deviceId: uuidV7(),
      publicKey: { kty: "EC", crv: "P-256", x, y },
      name: options.name ?? "Node device",
    }),
  );
  session.enrolled({ privateKey, publicKey: { x, y }, token: enrolment.token }, enrolment);
  const asked = await anySignIn(enrolment);
  if (asked) await session.signInByGrant(http, asked);
  const transport: Transport = {
    push: async (message) => read(pushResponse, await post("/sync/v1/push", message)),
    // Without a person on it a device reads no record, and asks for none.
    pull: async (message) => {
      const asked = session.isSignedIn() ? message : { ...message, records: {} };
      return read(pullResponse, await post("/sync/v1/pull", asked));
    },
    heads: async (message) => read(headsResponse, await post("/sync/v1/heads", message)),
  };
  const replica = await createReplica({
    store: options.store ?? createMemoryReplicaStore(),
    transport,
    signer: {
      deviceId: enrolment.deviceId,
      sign: async (statement) => signWith(privateKey, statement),
    },
    hash: sha256Of,
    clock: options.clock ?? nodeClock,
    random: nodeRandom,
  });
  const get = async (path: string, accept = "*/*") => ok(await http.call("GET", path, { headers: { accept } }));
  return {
    enrolment,
    replica,
    putBlob: (recordId, bytes, mime) => putBlob(http, recordId, bytes, mime),
    getBlob: async (recordId, sha256) => (await get(`/blobs/v1/${recordId}/${sha256}`)).body,
    arrivals: async () => read(arrivalsResponse, await get("/arrivals/v1")),
    get,
    publicKey: { x, y },
    signedIn: session.signedIn,
    close: http.close,
  };
};
