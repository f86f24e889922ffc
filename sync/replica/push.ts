import { headStatement, type PushAnswer, type PushRequest, type PushResponse } from "#protocol/push.ts";
import { protocolVersion } from "#protocol/version.ts";
import { placeIn } from "../archived.ts";
import { utf8Length } from "../chain.ts";
import { TransportFailure } from "../ports.ts";
import type { HeldEntry, HeldState } from "../store.ts";
import { type OutgoingRun, planRuns } from "./outgoing.ts";
import { adopt, wait } from "./refill.ts";
import type { Session } from "./session.ts";

/** Codes that a byte changed on the way can cause: the entry is offered again, alone, before it is given up. */
const maybeTransit = new Set(["bad-signature", "prev-mismatch", "wrong-chain"]);
const failuresMax = 4;
const asideRounds = 10;

export interface PushRound {
  answered: number;
  more: boolean;
  retryAfterMs?: number;
}

/** Sends one message of waiting entries, and marks those, and only those, that the server names in its answer. */
export const pushOnce = async (session: Session): Promise<PushRound> => {
  const waiting = await takeWaiting(session);
  const entries = await onlySound(session, waiting);
  const plan = await planRuns(
    entries,
    session.signer.deviceId,
    (id) => session.failures.has(id),
    (recordId) => session.store.entriesOf(recordId),
    { entriesMax: session.batchMax, bytesMax: session.limits.pushBytesMax },
  );
  for (const entry of plan.uncarriable) setAside(session, entry);
  if (plan.runs.length === 0) return { answered: 0, more: waiting.length > entries.length };
  const request: PushRequest = {
    protocol: protocolVersion,
    epochSeen: Math.max(0, session.epochSeen()),
    chains: await Promise.all(plan.runs.map((run) => signed(session, run))),
  };
  const sent = new Map(plan.runs.flatMap((run) => run.entries).map((e) => [e.hash, e]));
  let response: PushResponse;
  try {
    response = await session.transport.push(request);
  } catch (error) {
    if (error instanceof TransportFailure && error.code === "rejected") rejected(session, sent);
    if (error instanceof TransportFailure && error.code === "unreachable") smaller(session, sent.size);
    throw error;
  }
  session.batchMax = Math.min(session.limits.pushEntriesMax, session.batchMax * 2);
  session.urgentOnly = !response.lanes.includes("P1");
  if ((await adopt(session, response.server)) === "other") return { answered: 0, more: true };
  const states = statesOf(session, response, sent);
  if (states.size > 0) await session.store.mark(states);
  await wait(session, response.need, false);
  if (states.size > 0)
    session.tell({ type: "states", recordIds: [...new Set([...sent.values()].map((e) => e.recordId))] });
  return {
    answered: states.size,
    more: states.size > 0 && (await session.store.counts()).waiting > session.aside.size,
    ...(response.retryAfterMs !== undefined && { retryAfterMs: response.retryAfterMs }),
  };
};

const takeWaiting = async (session: Session): Promise<HeldEntry[]> => {
  let asideBytes = 0;
  for (const [id, aside] of session.aside) {
    if (aside.rounds-- <= 0) session.aside.delete(id);
    else asideBytes += aside.bytes;
  }
  // Entries set aside still stand at the front of the store's queue; asking for more lets the others past them.
  const waiting = await session.store.waiting({
    entriesMax: session.batchMax + session.aside.size,
    bytesMax: session.limits.pushBytesMax + asideBytes,
  });
  const urgentOnly = session.urgentOnly;
  session.urgentOnly = false;
  return waiting.filter((e) => !session.aside.has(e.id) && (!urgentOnly || e.lane === "P0"));
};

const onlySound = async (session: Session, entries: readonly HeldEntry[]): Promise<HeldEntry[]> => {
  const sound: HeldEntry[] = [];
  const changed = new Map<string, HeldState>();
  for (const entry of entries) {
    if (await session.texts.isSound(entry)) {
      sound.push(entry);
      continue;
    }
    changed.set(entry.id, { at: "quarantined", code: "changed-in-store" });
    session.found({ code: "changed-in-store", recordId: entry.recordId, id: entry.id });
  }
  if (changed.size > 0) await session.store.mark(changed);
  return sound;
};

const signed = async (session: Session, run: OutgoingRun): Promise<PushRequest["chains"][number]> => {
  const { deviceId, recordId } = run;
  const { n, hash, signature: stored } = run.entries.at(-1)!;
  const own = deviceId === session.signer.deviceId;
  const signature = own ? await session.signer.sign(headStatement({ deviceId, recordId, n, hash })) : stored!;
  return { deviceId, recordId, entries: run.entries.map((e) => e.text), head: { n, hash, signature } };
};

const statesOf = (
  session: Session,
  response: PushResponse,
  sent: ReadonlyMap<string, HeldEntry>,
): Map<string, HeldState> => {
  const states = new Map<string, HeldState>();
  for (const answer of response.answers) {
    const entry = sent.get(answer.hash);
    if (entry?.state.at !== "waiting") continue;
    const state = stateAfter(session, entry, answer, response);
    if (!state) continue;
    states.set(entry.id, state);
    session.failures.delete(entry.id);
    session.aside.delete(entry.id);
  }
  return states;
};

const stateAfter = (
  session: Session,
  entry: HeldEntry,
  { answer, code = "unreadable", position = 0 }: PushAnswer,
  { server }: PushResponse,
): HeldState | undefined => {
  const own = entry.deviceId === session.signer.deviceId;
  switch (answer) {
    case "accepted":
    case "duplicate":
      return { at: own ? "acknowledged" : "foreign", ...placeIn(server, position) };
    case "held":
      return { at: "held", life: server.incarnation };
    case "quarantined":
      if (maybeTransit.has(code) && failed(session, entry) < failuresMax) return undefined;
      return { at: "quarantined", code };
    case "retry":
      if (failed(session, entry) >= failuresMax) setAside(session, entry);
      return undefined;
  }
};

const failed = (session: Session, entry: HeldEntry): number => {
  const count = (session.failures.get(entry.id) ?? 0) + 1;
  session.failures.set(entry.id, count);
  return count;
};

const setAside = (session: Session, entry: HeldEntry): void => {
  session.aside.set(entry.id, { rounds: asideRounds, bytes: utf8Length(entry.text) });
};

/** What a slow link could not carry in time goes in halves: with the same size again it would never arrive. */
const smaller = (session: Session, sent: number): void => {
  session.batchMax = Math.max(1, Math.floor(Math.min(session.batchMax, sent) / 2));
};

/** A message that the server could not read at all: smaller ones find the entry that it stumbles over, which then stands aside. */
const rejected = (session: Session, sent: ReadonlyMap<string, HeldEntry>): void => {
  const entries = [...sent.values()];
  smaller(session, entries.length);
  if (entries.length > 1) return;
  for (const entry of entries) if (failed(session, entry) >= failuresMax) setAside(session, entry);
};
