import type { HeadsRequest } from "#protocol/heads.ts";
import type { Need } from "#protocol/push.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { protocolVersion } from "#protocol/version.ts";
import type { HeldEntry, HeldState } from "../store.ts";
import { reachSignedHead } from "./outgoing.ts";
import type { Session } from "./session.ts";

/** The server speaks for an epoch lower than one this device has seen; nothing of its answer may be used. */
export class EpochBehind extends Error {}

const sameLife = (a: ServerState | undefined, b: ServerState): boolean =>
  a !== undefined && a.incarnation === b.incarnation && a.epoch === b.epoch;

/**
 * Takes note of the server that gave an answer, and offers the chain heads to a life not seen before. `known`: the answer
 * comes from the life already known. `new`: from one that has just been offered the heads; what it acknowledges counts, but
 * cursors have gone back. `other`: from a life that is gone by now; nothing of the answer may be used.
 */
export const adopt = async (session: Session, state: ServerState): Promise<"known" | "new" | "other"> => {
  session.server ??= await session.store.server();
  if (state.epoch < session.epochSeen()) throw new EpochBehind();
  const now = session.clock.nowMs();
  session.lastContactMs = now;
  session.standby = state.standby ?? null;
  session.serverTimeMs = Date.parse(state.time);
  session.serverOffset = { offsetMs: session.serverTimeMs - now, measuredAtMs: now };
  if (sameLife(session.server, state)) {
    await noteArchived(session, state);
    return "known";
  }
  return sameLife(await refill(session, state), state) ? "new" : "other";
};

/**
 * How far the archive is, by the newest answer: also less than before, where the base has gone back without a new life. Kept
 * with the life that said it, so that a start shows the same. A base that cannot tell now takes nothing back.
 */
const noteArchived = async (session: Session, { archived }: ServerState): Promise<void> => {
  if (session.server === undefined || archived === undefined || archived === session.server.archived) return;
  const server = { ...session.server, archived };
  await session.store.setServer(server);
  session.server = server;
  session.tell({ type: "archived" });
};

/**
 * A new incarnation may have forgotten what it acknowledged, and gives positions anew. What a standby held waits again, cursors go back
 * to the start, chain heads are offered in pages, and what the server lacks waits. Only then is the life remembered as seen, so that a
 * crash on the way starts it over.
 */
const refill = async (session: Session, seen: ServerState): Promise<ServerState> => {
  const { store } = session;
  await store.offerHeldAgain();
  const heads: HeadsRequest["heads"] = [];
  for (const record of await store.records()) {
    await store.file(record.recordId, [], { epoch: seen.epoch, position: 0 });
    heads.push(...headsOf(await store.entriesOf(record.recordId)));
  }
  let state = seen;
  for (let i = 0; i < heads.length; i += session.limits.headsMax) {
    const page = heads.slice(i, i + session.limits.headsMax);
    const answer = await session.transport.heads({ protocol: protocolVersion, heads: page });
    if (answer.server.epoch < Math.max(seen.epoch, session.epochSeen())) throw new EpochBehind();
    // Another life again: the pages before were answered by one that is gone. The next contact starts over.
    if (!sameLife(state, answer.server) && i > 0) return answer.server;
    state = answer.server;
    await wait(session, answer.need, true);
  }
  await store.setServer(state);
  session.server = state;
  session.tell({ type: "archived" });
  return state;
};

const headsOf = (entries: readonly HeldEntry[]): HeadsRequest["heads"] => {
  const last = new Map<string, HeldEntry>();
  for (const entry of entries) {
    if (entry.state.at === "waiting") continue;
    const known = last.get(entry.deviceId);
    if (!known || known.n < entry.n) last.set(entry.deviceId, entry);
  }
  return [...last.values()].map(({ deviceId, recordId, n, hash }) => ({ deviceId, recordId, n, hash }));
};

/** Makes the entries that a server lacks wait again: own ones, and those of others whose signed head is held. */
export const wait = async (session: Session, needs: readonly Need[], quarantinedToo: boolean): Promise<void> => {
  const states = new Map<string, HeldState>();
  for (const need of needs) {
    const held = await session.store.entriesOf(need.recordId);
    const lacked = held
      .filter((e) => e.deviceId === need.deviceId && e.n >= need.from && e.n <= need.to)
      .sort((a, b) => a.n - b.n);
    for (const entry of lacked) {
      if (entry.state.at === "waiting" || (entry.state.at === "quarantined" && !quarantinedToo)) continue;
      const own = entry.deviceId === session.signer.deviceId;
      if (own || reachSignedHead([entry], held).length > 0) states.set(entry.id, { at: "waiting" });
      else if (entry.state.at === "foreign") states.set(entry.id, { ...entry.state, lacked: true });
    }
    if (need.deviceId === session.signer.deviceId) reportLost(session, need, lacked);
  }
  if (states.size > 0) await session.store.mark(states);
};

const reportLost = (session: Session, need: Need, lacked: readonly HeldEntry[]): void => {
  if (lacked.length === need.to - need.from + 1) return;
  session.found({ code: "lost-from-store", recordId: need.recordId, id: `${need.from}-${need.to}` });
};

/** What was lacked and could not be carried waits once a signed head that covers it is held. */
export const waitIfCarriable = async (session: Session, held: readonly HeldEntry[]): Promise<void> => {
  const lacked = held.filter(({ state }) => state.at === "foreign" && state.lacked);
  const carriable = lacked.filter((entry) => reachSignedHead([entry], held).length > 0);
  if (carriable.length > 0) await session.store.mark(new Map(carriable.map(({ id }) => [id, { at: "waiting" }])));
};
