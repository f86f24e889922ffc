import type { PulledLine, PullRequest, PullResponse } from "#protocol/pull.ts";
import type { Cursor, ServerState } from "#protocol/server-state.ts";
import { protocolVersion } from "#protocol/version.ts";
import { readEntry } from "../envelope.ts";
import { heldFrom } from "../held-from.ts";
import { TransportFailure } from "../ports.ts";
import type { HeldEntry, Lane } from "../store.ts";
import { dropDisposed } from "./eviction.ts";
import { adopt, waitIfCarriable } from "./refill.ts";
import type { Session } from "./session.ts";

export interface PullRound {
  pulled: number;
  more: boolean;
}

interface Reading {
  recordId: string;
  lane: Lane;
  /** What the store says. */
  stored: Cursor;
  /** Where this round reads on; it runs ahead of the stored cursor only past a line that could not be stored. */
  next: Cursor;
  /** The place before the first such line: the stored cursor does not pass it. */
  stop: Cursor | undefined;
}

/**
 * Pulls the records that are open, followed or poked, page by page. Entries and cursor are stored together. With nothing to
 * read it asks all the same: the answer says that the server is there, and which life it is in.
 */
export const pullOnce = async (session: Session): Promise<PullRound> => {
  const readings = await toRead(session);
  // A poke that comes while this round reads is for the next one; those of a round that fails are not forgotten.
  const poked = [...session.poked];
  session.poked.clear();
  try {
    return await read(session, readings);
  } finally {
    for (const recordId of poked) if (readings.has(recordId)) session.poked.add(recordId);
  }
};

const read = async (session: Session, readings: Map<string, Reading>): Promise<PullRound> => {
  let pulled = 0;
  for (let page = 0; page < session.limits.pullPagesMax && (page === 0 || readings.size > 0); page++) {
    const asked = [...readings.values()].slice(0, session.limits.pullRecordsMax);
    const records = Object.fromEntries(asked.map((r) => [r.recordId, r.next]));
    const response = await askPage(session, records);
    // After a refill the cursors stand at the start again: what was asked for is of no use any more.
    if ((await adopt(session, response.server)) !== "known") return { pulled, more: true };
    for (const reading of asked) {
      const part = response.records[reading.recordId];
      const taken = part ? await take(session, reading, part, response.server) : { filed: 0, more: false };
      pulled += taken.filed;
      if (taken.more) continue;
      readings.delete(reading.recordId);
    }
  }
  return { pulled, more: readings.size > 0 };
};

/** A page that a slow link could not carry in time is asked for in halves, or it would never arrive. */
const askPage = async (session: Session, records: PullRequest["records"]): Promise<PullResponse> => {
  const { linesMax } = session;
  try {
    const response = await session.transport.pull({ protocol: protocolVersion, records, linesMax });
    session.linesMax = Math.min(session.limits.pullLinesMax, linesMax * 2);
    return response;
  } catch (error) {
    if (error instanceof TransportFailure && error.code === "unreachable")
      session.linesMax = Math.max(1, Math.floor(linesMax / 2));
    throw error;
  }
};

const toRead = async (session: Session): Promise<Map<string, Reading>> => {
  const held = new Map((await session.store.records()).map((r) => [r.recordId, r]));
  const ids = new Set([...session.poked, ...session.followed.keys()]);
  for (const record of held.values()) if (record.open) ids.add(record.recordId);
  const start: Cursor = { epoch: Math.max(0, session.epochSeen()), position: 0 };
  return new Map(
    [...ids].map((recordId) => {
      const record = held.get(recordId);
      const stored = record?.cursor ?? start;
      return [recordId, { recordId, lane: record?.open ? "P0" : "P1", stored, next: stored, stop: undefined }];
    }),
  );
};

const take = async (
  session: Session,
  reading: Reading,
  part: PullResponse["records"][string],
  server: ServerState,
): Promise<{ filed: number; more: boolean }> => {
  const { recordId } = reading;
  if ("refused" in part) {
    if (part.disposed) await dropDisposed(session, recordId);
    return { filed: 0, more: false };
  }
  if ("rewind" in part) {
    await session.store.file(recordId, [], part.rewind);
    const back = part.rewind.position < reading.next.position || part.rewind.epoch !== reading.next.epoch;
    reading.stored = part.rewind;
    reading.next = part.rewind;
    return { filed: 0, more: back };
  }
  const stored = part.lines.length + (part.held?.length ?? 0) > 0 ? await session.store.entriesOf(recordId) : [];
  const held = new Map(stored.map((e) => [e.id, e]));
  const good: HeldEntry[] = [];
  for (const line of part.held ?? []) {
    const entry = await readLine(session, reading, { ...line, position: 0 }, server);
    // Of a standby, and in no log yet: another's is kept here too, and carried to the base if it lacks it.
    if (entry && !held.has(entry.id) && entry.state.at === "foreign")
      good.push({ ...entry, state: { ...entry.state, held: true } });
  }
  for (const line of part.lines) {
    const entry = await readLine(session, reading, line, server);
    const known = entry && held.get(entry.id);
    if (entry && known && known.hash !== entry.hash) session.found({ code: "id-reused", recordId, id: entry.id });
    else if (entry) {
      good.push(entry);
      continue;
    }
    reading.stop ??= { epoch: part.cursor.epoch, position: line.position - 1 };
  }
  reading.next = part.cursor;
  const cursor = reading.stop ?? part.cursor;
  const moved = cursor.position !== reading.stored.position || cursor.epoch !== reading.stored.epoch;
  if (good.length > 0 || moved) await session.store.file(recordId, good, cursor);
  const isNew = good.some((e) => !held.has(e.id));
  for (const entry of good) held.set(entry.id, { ...held.get(entry.id), ...entry });
  await waitIfCarriable(session, [...held.values()]);
  reading.stored = cursor;
  if (isNew) session.tell({ type: "entries", recordId });
  else if (good.length > 0) session.tell({ type: "states", recordIds: [recordId] });
  return { filed: good.length, more: part.more };
};

/** A line as an entry to hold, or undefined with a finding when its bytes are not those that were acknowledged. */
const readLine = async (
  session: Session,
  reading: Reading,
  line: PulledLine,
  server: ServerState,
): Promise<HeldEntry | undefined> => {
  const { recordId, lane } = reading;
  const { hash, entry: text, position } = line;
  if (!(await session.texts.isSound({ hash, text }))) {
    session.found({ code: "changed-in-transit", recordId, id: `line ${position}` });
    return undefined;
  }
  const { entry } = readEntry(text);
  if (!entry || entry.recordId !== recordId || entry.deviceId !== line.deviceId) {
    session.found({ code: "unreadable-line", recordId, id: `line ${position}` });
    return undefined;
  }
  return heldFrom(line, entry, server, session.signer.deviceId, lane);
};
