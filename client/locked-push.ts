import { Dexie } from "dexie";
import { type ChainRun, headStatement, type PushAnswer } from "#protocol/push.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { protocolVersion } from "#protocol/version.ts";
import { placeIn } from "#sync/archived.ts";
import { type DeviceSigner, type Transport, TransportFailure } from "#sync/ports.ts";
import type { SyncOutcome } from "#sync/replica.ts";
import type { HeldState } from "#sync/store.ts";
import { base64url } from "./bytes.ts";
import type { Database, EntryRow } from "./database.ts";
import { serverThing, withState } from "./store.ts";

const entriesMax = 100;
/** Sealed, before base64. */
const bytesMax = 200_000;

type Sendable = EntryRow & { forInbox: NonNullable<EntryRow["forInbox"]> };

/**
 * Own entries that were sealed to the inbox, oldest first within a chain, as many as one message holds: those that wait, and where there
 * are none those that only a standby holds, which the base may be there for again.
 */
const sendable = async (database: Database, deviceId: string): Promise<Sendable[]> => {
  const waiting = await inState(database, deviceId, "waiting");
  return waiting.length > 0 ? waiting : inState(database, deviceId, "held");
};

const inState = async (database: Database, deviceId: string, at: "waiting" | "held"): Promise<Sendable[]> => {
  const found = await database.run((rows) =>
    rows.entries
      .where("[at+recordId+n]")
      .between([at, Dexie.minKey], [at, Dexie.maxKey])
      .filter((row) => row.deviceId === deviceId && row.forInbox !== undefined)
      .limit(entriesMax)
      .toArray(),
  );
  let bytes = 0;
  return found.filter((row): row is Sendable => {
    bytes += row.forInbox?.length ?? 0;
    return bytes <= bytesMax || bytes === row.forInbox?.length;
  });
};

/** Entries of one record whose places follow each other. */
const runsOf = (rows: readonly Sendable[]): Sendable[][] => {
  const runs: Sendable[][] = [];
  for (const row of rows) {
    const before = runs.at(-1)?.at(-1);
    if (before?.recordId === row.recordId && before.n + 1 === row.n) runs.at(-1)!.push(row);
    else runs.push([row]);
  }
  return runs;
};

const signed = async (run: readonly Sendable[], signer: DeviceSigner): Promise<ChainRun> => {
  const { deviceId, recordId, n, hash } = run.at(-1)!;
  const signature = await signer.sign(headStatement({ deviceId, recordId, n, hash }));
  const entries = run.map(({ forInbox }) => base64url(forInbox));
  return { deviceId, recordId, entries, head: { n, hash, signature }, sealed: true };
};

const stateAfter = ({ answer, code = "unreadable", position = 0 }: PushAnswer, server: ServerState) => {
  if (answer === "retry") return undefined;
  if (answer === "held") return { at: "held", life: server.incarnation } satisfies HeldState;
  const state: HeldState =
    answer === "quarantined" ? { at: "quarantined", code } : { at: "acknowledged", ...placeIn(server, position) };
  return state;
};

/**
 * One round of a locked tablet: sends what waits, sealed to the trust's inbox, under the device's identity and with its authors
 * as they are. It reads nothing, needs no key that a PIN opens, and marks only what the base names. An unlock does the rest.
 */
export const pushLocked = async (
  database: Database,
  signer: DeviceSigner,
  transport: Pick<Transport, "push">,
): Promise<SyncOutcome> => {
  const outcome: SyncOutcome = { result: "done", pushed: 0, pulled: 0, more: false };
  const rows = await sendable(database, signer.deviceId);
  if (rows.length === 0) return outcome;
  const known = await database.get<ServerState>(serverThing);
  try {
    const chains = await Promise.all(runsOf(rows).map((run) => signed(run, signer)));
    const request = { protocol: protocolVersion, epochSeen: Math.max(0, known?.epoch ?? 0), chains };
    const { server, answers, retryAfterMs } = await transport.push(request);
    if (server.epoch < (known?.epoch ?? 0)) return { ...outcome, result: "epoch-behind" };
    const byHash = new Map(answers.map((answer) => [answer.hash, stateAfter(answer, server)]));
    await database.write(["entries"], async (tables) => {
      const now = await tables.entries.bulkGet(rows.map(({ id }) => id));
      for (const row of now) {
        const state = row?.at === "waiting" || row?.at === "held" ? byHash.get(row.hash) : undefined;
        // What a standby held already goes on waiting for the base: nothing came of that.
        if (row === undefined || state === undefined || (row.at === "held" && state.at === "held")) continue;
        await tables.entries.put(withState(row, state));
        outcome.pushed++;
      }
    });
    return { ...outcome, more: outcome.pushed > 0, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error;
    const { code, retryAfterMs } = error;
    return { ...outcome, result: code, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
};
