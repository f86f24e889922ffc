import canonicalize from "canonicalize";
import type { Entry } from "#domain/entry/entry.ts";
import { headStatement } from "#protocol/push.ts";
import { protocolVersion } from "#protocol/version.ts";
import { type ChainEnd, chainStart, DraftRefused, sealEntry } from "../chain.ts";
import { readEntry } from "../envelope.ts";
import type { Draft } from "../ports.ts";
import type { HeldEntry } from "../store.ts";
import type { Session } from "./session.ts";
import { NotSaved, type Replica } from "./types.ts";

interface Sealed {
  entry: Entry;
  text: string;
  hash: string;
}

/** Seals and stores entries, one at a time within a record, so that its chain grows by one entry after another. */
export const createWriter = (session: Session): Pick<Replica, "write" | "writeAgain" | "sendPast"> => {
  const inTurn = createTurns();
  const ends = new Map<string, ChainEnd>();
  // What was sent past the store may be at the base, whatever came of the request: its place is taken, and its bytes stay.
  const sentEnds = new Map<string, ChainEnd>();
  const sent = new Map<string, Sealed>();

  const endOf = async (recordId: string): Promise<ChainEnd> => {
    const own = (await session.store.entriesOf(recordId)).filter((e) => e.deviceId === session.signer.deviceId);
    const start = sentEnds.get(recordId) ?? chainStart;
    return own.reduce<ChainEnd>((end, e) => (e.n >= end.n ? { n: e.n + 1, prev: e.hash } : end), start);
  };

  const sealed = async (draft: Draft, end: ChainEnd): Promise<Sealed> => {
    const { clock, random, hash, serverOffset, signer } = session;
    return sealEntry(draft, end, { deviceId: signer.deviceId, clock, random, hash, serverOffset });
  };

  /** The entry as it is if its place is free, else the same entry, under the same id, at the chain's end. */
  const placed = async (text: string, entry: Entry, end: ChainEnd): Promise<Sealed> => {
    const known = sent.get(entry.id);
    if (known) return known;
    if (entry.n === end.n && entry.prev === end.prev) return { entry, text, hash: await session.hash(text) };
    const moved: Entry = { ...entry, n: end.n, prev: end.prev, salt: session.random.hex(16) };
    const movedText = canonicalize(moved) ?? "";
    return { entry: moved, text: movedText, hash: await session.hash(movedText) };
  };

  const store = async ({ entry, text, hash }: Sealed, signature?: string): Promise<HeldEntry> => {
    const { id, recordId, deviceId, n } = entry;
    const state = { at: "waiting" } as const;
    const held: HeldEntry = { id, recordId, deviceId, n, hash, text, lane: "P0", state };
    if (signature !== undefined) held.signature = signature;
    const back = await session.store.append(held);
    if (back?.text !== text || back.hash !== hash) throw new Error("What was read back is not what was written.");
    return held;
  };

  const save = async (recordId: string, draftText: string, seal: (end: ChainEnd) => Promise<Sealed>) => {
    let text = draftText;
    try {
      const end = ends.get(recordId) ?? (await endOf(recordId));
      const made = await seal(end);
      text = made.text;
      const held = await store(made);
      ends.set(recordId, held.n >= end.n ? { n: held.n + 1, prev: held.hash } : end);
      return held;
    } catch (error) {
      // What the store holds now is not known: the next write asks it where the chain ends.
      ends.delete(recordId);
      if (error instanceof DraftRefused) throw error;
      throw new NotSaved(text, error);
    }
  };

  const write = (draft: Draft): Promise<HeldEntry> =>
    inTurn(draft.recordId, async () => {
      const held = await save(draft.recordId, canonicalize(draft) ?? "", (end) => sealed(draft, end));
      session.tell({ type: "entries", recordId: draft.recordId });
      return held;
    });

  const writeAgain = (draft: Draft, text: string | undefined): Promise<HeldEntry> => {
    const { entry } = readEntry(text ?? "");
    if (text === undefined || entry === undefined) return write(draft);
    return inTurn(entry.recordId, async () => {
      // The write that failed may have reached the disk all the same.
      const there = await session.store.read(entry.id).catch(() => undefined);
      const held = there ?? (await save(entry.recordId, text, (end) => placed(text, entry, end)));
      session.tell({ type: "entries", recordId: entry.recordId });
      return held;
    });
  };

  const sendPast = async (text: string): Promise<boolean> => {
    const { entry } = readEntry(text);
    if (entry === undefined) return false;
    return inTurn(entry.recordId, async () => {
      const { recordId, deviceId } = entry;
      const asSealed = { n: entry.n, prev: entry.prev };
      const end = await endOf(recordId).catch(() => sentEnds.get(recordId) ?? asSealed);
      const made = await placed(text, entry, end);
      const { hash } = made;
      const { n } = made.entry;
      const signature = await session.signer.sign(headStatement({ deviceId, recordId, n, hash }));
      sent.set(entry.id, made);
      if (n >= end.n) sentEnds.set(recordId, { n: n + 1, prev: hash });
      ends.delete(recordId);
      session.server ??= await session.store.server().catch(() => undefined);
      const { server, answers } = await session.transport.push({
        protocol: protocolVersion,
        epochSeen: Math.max(0, session.epochSeen()),
        chains: [{ deviceId, recordId, entries: [made.text], head: { n, hash, signature } }],
      });
      const answer = answers.find((each) => each.hash === hash)?.answer;
      if (server.epoch < session.epochSeen() || (answer !== "accepted" && answer !== "duplicate")) return false;
      // Stored as waiting if the store recovered: the ordinary push is idempotent and finds out where the entry stands.
      const stored = await store(made, signature).then(
        () => true,
        () => false,
      );
      if (stored) session.tell({ type: "entries", recordId });
      return true;
    });
  };

  return { write, writeAgain, sendPast };
};

/** Runs the work of one record one after another. */
const createTurns = () => {
  const queues = new Map<string, Promise<void>>();
  return <T>(recordId: string, work: () => Promise<T>): Promise<T> => {
    const done = (queues.get(recordId) ?? Promise.resolve()).then(work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    queues.set(recordId, settled);
    void settled.then(() => queues.get(recordId) === settled && queues.delete(recordId));
    return done;
  };
};
