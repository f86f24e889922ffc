import { sha256Hex } from "#client/bytes.ts";
import type { Client, ClientSnapshot, Enrolment } from "#client/client.ts";
import { createIdentity, type DeviceIdentity, signerOf } from "#client/keys.ts";
import { browserClock, browserRandom, hashText } from "#client/ports.ts";
import { linkOf, nothingYet } from "#client/session.ts";
import { startSyncLoop } from "#client/sync-loop.ts";
import { createMemoryReplicaStore } from "#sync/memory-replica-store.ts";
import { TransportFailure } from "#sync/ports.ts";
import { createReplica, type Replica } from "#sync/replica.ts";
import { inventedSite } from "./invented.ts";
import { createPracticeBase, type PracticeBase, practiceTrust } from "./practice-base.ts";
import type { Plug } from "./steps.ts";

/** A client of the practice's own base, in memory alone: the replica, the loop and the keys are the tablet's own code. */
export interface PracticeClient {
  client: Client;
  enrolment: Enrolment;
  base: PracticeBase;
  /** Pulls the plug or puts it back; the tablet notices by itself. */
  setPlug: (plug: Plug) => void;
}

/** `real`: the tablet's client, of which the practice borrows who is signed in, what the trust has defined, and the lock. */
export const createPracticeClient = async (real: Client): Promise<PracticeClient> => {
  const before = real.getSnapshot();
  const identity = await createIdentity();
  const enrolment = await practiceEnrolment(before.enrolment!, identity);
  const base = createPracticeBase(identity);
  const inner = createReplica({
    store: createMemoryReplicaStore(),
    transport: base.transport,
    signer: signerOf(identity),
    hash: hashText,
    clock: browserClock,
    random: browserRandom,
  });

  const listeners = new Set<() => void>();
  let snapshot: ClientSnapshot = { ...before, ...nothingYet, enrolment };
  const change = (some: Partial<ClientSnapshot>): void => {
    snapshot = { ...snapshot, ...some };
    for (const listener of listeners) listener();
  };
  const tellStatus = async (): Promise<void> => {
    const { waiting, held, quarantined, lastContactMs } = await inner.status();
    change({ waiting, held, quarantined, lastContactMs });
  };
  const loop = startSyncLoop(inner.syncOnce, browserRandom, (outcome) => {
    const link = linkOf(outcome);
    if (link !== undefined) change({ link });
    void tellStatus();
  });
  const woken = async <T>(write: Promise<T>): Promise<T> => {
    const saved = await write;
    loop.wake();
    void tellStatus();
    return saved;
  };
  const replica: Replica = {
    ...inner,
    write: (draft) => woken(inner.write(draft)),
    writeAgain: (draft, text) => woken(inner.writeAgain(draft, text)),
    carry: (recordId, entries) => woken(inner.carry(recordId, entries)),
  };

  const drafts = new Map<string, unknown>();
  const files = new Map<string, Uint8Array>();
  const client: Client = {
    database: "",
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
    lock: () => real.lock(),
    drafts: {
      get: (name) => drafts.get(name),
      set: (name, value) => void (value === undefined ? drafts.delete(name) : drafts.set(name, value)),
    },
    replica,
    blobs: {
      put: async (_recordId, bytes, mime) => {
        const sha256 = await sha256Hex(new Uint8Array(bytes));
        files.set(sha256, bytes);
        return { sha256, bytes: bytes.length, mime };
      },
      held: async (_recordId, sha256) => files.get(sha256),
      get: async (_recordId, sha256) => files.get(sha256),
    },
    films: {
      maker: () => ({
        signer: signerOf(identity),
        publicKey: identity.publicKey,
        // No trust has signed this: no hospital's screen takes a practice's film for a patient's.
        certificate: { statement: "practice", signature: "" },
      }),
      trust: () => ({ trust: practiceTrust, issuerKeys: [] }),
      siteKeys: async () => [],
      received: async () => [],
      note: nothing,
      keepEcg: nothing,
      ecgCopy: async () => undefined,
      dropEcg: nothing,
    },
    records: async () => [],
    syncNow: () => loop.now(),
    opened: () => {},
    follow: () => {},
    onPoke: () => () => {},
    accessesOf: () => Promise.reject(new TransportFailure("unreachable", "Nobody else reads a practice.")),
    pushUnsaved: async () => false,
    fileToKeep: nothing,
    close: async () => loop.stop(),
    enrol: notHere,
    unlock: notHere,
    letInAgain: notHere,
    setPin: notHere,
    writeLocked: notHere,
    arrivals: notHere,
    get signInPlace(): never {
      throw notOfAPractice();
    },
    get earlier(): never {
      throw notOfAPractice();
    },
  };
  const setPlug = (plug: Plug): void => {
    base.setPlug(plug);
    loop.wake(true);
  };
  return { client, enrolment, base, setPlug };
};

const nothing = async (): Promise<void> => {};
const notOfAPractice = (): Error => new Error("A practice has none of this.");
const notHere = (): Promise<never> => Promise.reject(notOfAPractice());

/** The trust's drugs and people; a device, a department and a key of the practice's own. */
const practiceEnrolment = async (of: Enrolment, { deviceId }: DeviceIdentity): Promise<Enrolment> => {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const { publicKey } = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const { downtimeKit: _kit, certificate: _certificate, ...rest } = of;
  return {
    ...rest,
    deviceId,
    demonstration: true,
    sites: [inventedSite],
    siteKeys: [{ siteId: inventedSite.siteId, publicKey: { kty: "EC", crv: "P-256", x: x!, y: y! } }],
  };
};
