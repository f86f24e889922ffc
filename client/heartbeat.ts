import type { SignedStatement } from "#protocol/grants.ts";
import {
  type HeartbeatRequest,
  type HeartbeatResponse,
  heartbeatResponse,
  type SignedHead,
} from "#protocol/heartbeat.ts";
import { limits } from "#protocol/limits.ts";
import { headStatement, type Need } from "#protocol/push.ts";
import { protocolVersion } from "#protocol/version.ts";
import type { Database, EntryRow } from "./database.ts";
import { type DeviceIdentity, signerOf } from "./keys.ts";
import { browserRandom } from "./ports.ts";
import { keptForDesk, withState } from "./store.ts";
import { things } from "./things.ts";
import { type Endpoint, postJson } from "./transport.ts";

/** What is remembered between two heartbeats, over restarts. */
interface Kept {
  counter: number;
  /** The last counter that was answered. */
  answered: number;
  roster?: string;
}

export interface HeartbeatParts {
  database: Database;
  identity: DeviceIdentity;
  endpoint: Endpoint;
  certificate(): SignedStatement | undefined;
  /** `downtime.tag` of what is held; a device that shows none of it has none. */
  downtimeTag?(): string | undefined;
  /** Of a screen: what to ask its site's keys with. */
  siteKeys?: (() => Promise<HeartbeatRequest["siteKeys"]>) | undefined;
  /** Resolves once everything of the answer is stored. */
  onAnswer(answer: HeartbeatResponse): Promise<void>;
  /** Entries wait again that the base lacks, or that it is ready to take now. */
  onWaiting(): void;
}

export interface Heartbeats {
  /** The base can be reached again: tells it soon. */
  reached(): void;
  /** Tells it at once. True if the base answered. */
  now(): Promise<boolean>;
  stop(): void;
}

const everyMs = 600_000;
/** A page that opens, or a crowd that comes back, has more urgent things to send. */
const soonMs = { first: 3_000, spread: 12_000 };

/** Sends a heartbeat soon after the start, every ten minutes, and soon after the base was reached again. */
export const startHeartbeats = (parts: HeartbeatParts): Heartbeats => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<boolean> | undefined;
  let stopped = false;
  const after = (ms: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void run(), ms);
  };
  /** One at a time: two at once would look like a clone. */
  const run = (): Promise<boolean> => {
    running ??= beat(parts, () => stopped)
      .then(
        () => true,
        // Without an answer the next one tells it all.
        () => false,
      )
      .finally(() => {
        running = undefined;
        after(everyMs);
      });
    return running;
  };
  const soon = () => after(soonMs.first + browserRandom.unit() * soonMs.spread);
  soon();
  return {
    reached: () => {
      if (running === undefined) soon();
    },
    now: async () => {
      await running;
      clearTimeout(timer);
      return run();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};

/** One heartbeat, in as many pages as it needs. Rejects with a TransportFailure or StoreFailure. */
export const beat = async (parts: HeartbeatParts, isStopped: () => boolean = () => false): Promise<void> => {
  const { database, identity } = parts;
  const heads = await headsOf(database, identity);
  const of = Math.max(1, Math.ceil(heads.length / limits.heartbeatHeadsMax));
  const need: Need[] = [];
  let last: HeartbeatResponse | undefined;
  for (let at = 0; at < of && !isStopped(); at++) {
    const page = heads.slice(at * limits.heartbeatHeadsMax, (at + 1) * limits.heartbeatHeadsMax);
    last = await send(parts, page, { at, of });
    need.push(...last.need);
  }
  if (last === undefined) return;
  const { state, atDesk } = last;
  if (await waitAgain(database, identity.deviceId, need, state === "active" || atDesk === 0)) parts.onWaiting();
};

const send = async (
  { database, endpoint, certificate, downtimeTag, siteKeys, onAnswer }: HeartbeatParts,
  heads: SignedHead[],
  page: { at: number; of: number },
): Promise<HeartbeatResponse> => {
  // On the disk before it is on the way: a counter that is sent twice is a clone's.
  const sent = await change(database, (kept) => ({ ...kept, counter: kept.counter + 1 }));
  const held = certificate();
  const heldDowntime = downtimeTag?.();
  const keys = await siteKeys?.();
  const answer = await postJson(
    endpoint,
    "/identity/v1/heartbeat",
    {
      protocol: protocolVersion,
      counter: sent.counter,
      answered: sent.answered,
      page,
      heads,
      ...(held && { certificate: held }),
      ...(sent.roster !== undefined && { roster: sent.roster }),
      ...(heldDowntime !== undefined && { downtime: heldDowntime }),
      ...(keys && { siteKeys: keys }),
    },
    heartbeatResponse,
  );
  await onAnswer(answer);
  const { roster } = answer;
  await change(database, (kept) => ({ ...kept, answered: sent.counter, ...(roster && { roster: roster.tag }) }));
  return answer;
};

/** Of two heartbeats at once, as around an unlock, each has its own counter. */
const change = (database: Database, next: (kept: Kept) => Kept): Promise<Kept> =>
  database.write(["things"], async (rows) => {
    const row = await rows.things.get(things.heartbeat);
    const kept = next((row?.value as Kept | undefined) ?? { counter: 0, answered: 0 });
    await rows.things.put({ name: things.heartbeat, value: kept });
    return kept;
  });

type Place = [deviceId: string, recordId: string, n: number];

/** The last entry of each chain that is held. Places come from the index alone, so that no text is read or opened. */
const headsOf = async (database: Database, identity: DeviceIdentity): Promise<SignedHead[]> => {
  const rows = await database.run(async (tables) => {
    const places = (await tables.entries.orderBy("[deviceId+recordId+n]").keys()) as unknown as Place[];
    const last = places.filter(([deviceId, recordId], i) => {
      const next = places[i + 1];
      return next?.[0] !== deviceId || next[1] !== recordId;
    });
    return tables.entries.where("[deviceId+recordId+n]").anyOf(last).toArray();
  });
  const signer = signerOf(identity);
  return Promise.all(
    rows.map(async ({ deviceId, recordId, n, hash, signature: stored }): Promise<SignedHead> => {
      const head = { deviceId, recordId, n, hash };
      const signature = deviceId === identity.deviceId ? await signer.sign(headStatement(head)) : stored;
      return { ...head, ...(signature !== undefined && { signature }) };
    }),
  );
};

/**
 * Makes own entries wait again: those that the base acknowledged and lacks, and, once it takes them (`isReleased`), those that
 * it had kept for the desk. True if there are any.
 */
const waitAgain = (
  database: Database,
  deviceId: string,
  need: readonly Need[],
  isReleased: boolean,
): Promise<boolean> =>
  database.write(["entries"], async (rows) => {
    const { entries } = rows;
    const lacked: EntryRow[] = [];
    for (const { deviceId: author, recordId, from, to } of need) {
      if (author !== deviceId) continue;
      const range = entries
        .where("[deviceId+recordId+n]")
        .between([author, recordId, from], [author, recordId, to], true, true);
      lacked.push(...(await range.filter(({ at }) => at === "acknowledged").toArray()));
    }
    if (isReleased) lacked.push(...(await keptForDesk(rows).toArray()).filter((row) => row.deviceId === deviceId));
    await entries.bulkPut(lacked.map((row) => withState(row, { at: "waiting" })));
    return lacked.length > 0;
  });
