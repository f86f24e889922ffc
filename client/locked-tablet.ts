import type { PublicJwk } from "#protocol/grants.ts";
import { type Draft, type Transport, TransportFailure } from "#sync/ports.ts";
import { createReplica, NotSaved, type Replica, type SyncOutcome } from "#sync/replica.ts";
import type { HeldEntry } from "#sync/store.ts";
import type { ClientSnapshot } from "./client.ts";
import { createCredentials, type TokenSource } from "./credentials.ts";
import type { Database } from "./database.ts";
import type { StoredDevice } from "./enrolment.ts";
import { createInboxSealer } from "./inbox.ts";
import { signerOf } from "./keys.ts";
import { pushLocked } from "./locked-push.ts";
import { createLockedStore } from "./locked-store.ts";
import { browserClock, browserRandom, hashText } from "./ports.ts";
import type { Servers } from "./servers.ts";
import { countWaiting } from "./store.ts";
import { toStoreFailure } from "./store-failure.ts";
import { startSyncLoop } from "./sync-loop.ts";
import { things } from "./things.ts";
import { createTransport } from "./transport.ts";

/** What a tablet does while it is locked, with no key that a PIN opens: it takes new entries, and sends what waits. */
export interface LockedTablet {
  /** Resolves once the entry is durable; rejects with `NotSaved`. */
  write(draft: Draft): Promise<HeldEntry>;
  /** Sends now; resolves when that round is over, however it went. */
  sendAll(): Promise<void>;
  stop(): void;
}

const silent = (): Promise<never> =>
  Promise.reject(new TransportFailure("unreachable", "A locked tablet reads nothing."));
const noTransport: Transport = { push: silent, pull: silent, heads: silent };

export const createLockedTablet = (
  database: Database,
  { enrolment, identity }: StoredDevice,
  servers: Servers,
  /** Undefined where the base gave none to send with. */
  tokens: TokenSource | undefined,
  change: (part: Partial<ClientSnapshot>) => void,
): LockedTablet => {
  const signer = signerOf(identity);
  const { inboxKey } = enrolment;
  let replica: Promise<Replica> | undefined;
  let stopped = false;

  const openReplica = async (): Promise<Replica> => {
    const boxKey = await database.get<PublicJwk>(things.box);
    if (boxKey === undefined) throw new Error("This tablet was enrolled before it could write while locked.");
    const sealers = { inbox: inboxKey && (await createInboxSealer(inboxKey)), box: await createInboxSealer(boxKey) };
    const store = createLockedStore(database, sealers);
    return createReplica({
      store,
      transport: noTransport,
      signer,
      hash: hashText,
      clock: browserClock,
      random: browserRandom,
    });
  };

  const tellWaiting = async () => {
    const counts = await countWaiting(database).catch(() => undefined);
    if (counts !== undefined && !stopped) change(counts);
  };

  const credentials = createCredentials(identity, tokens ?? { token: () => undefined });
  const { push } = createTransport({ servers, credentials });
  let standby: ClientSnapshot["standby"] = null;
  const noting: Pick<Transport, "push"> = {
    push: async (request) => {
      const answer = await push(request);
      standby = answer.server.standby ?? null;
      return answer;
    },
  };
  let called = "";
  const round = (): Promise<SyncOutcome> => {
    called = servers.url();
    return pushLocked(database, signer, noting);
  };
  // A base that gave no push token, or has no inbox, gets what waits after the next unlock.
  const loop =
    tokens === undefined || inboxKey === undefined
      ? undefined
      : startSyncLoop(round, browserRandom, ({ result, pushed }) => {
          void tellWaiting();
          if (servers.heard(result, called)) loop?.wake(true);
          if (pushed > 0) change({ link: "online", lastContactMs: Date.now(), standby });
          else if (result === "busy" || result === "unreachable" || result === "refused") change({ link: result });
        });
  void tellWaiting();

  return {
    async write(draft) {
      try {
        replica ??= openReplica();
        const saved = await (await replica).write(draft);
        change({ failure: null });
        loop?.wake();
        void tellWaiting();
        return saved;
      } catch (error) {
        if (error instanceof NotSaved) change({ failure: toStoreFailure(error.cause) });
        throw error;
      }
    },
    async sendAll() {
      await loop?.now();
    },
    stop() {
      stopped = true;
      loop?.stop();
    },
  };
};
