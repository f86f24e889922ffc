import type { KeyObject } from "node:crypto";
import { type LogName, logNames } from "#defence/log/line.ts";
import { consistencyProof, extended, type Frontier } from "#defence/log/tree.ts";
import type { Taken } from "../archive/archiver.ts";
import { leafBytes, leavesIn, rootHex, sha256 } from "../archive/hashing.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import { checkpointText, originOf } from "./checkpoint.ts";
import { type NoteSignature, noteText, signNote } from "./note.ts";
import { NotWitnessed, type WitnessClient, type WitnessFault } from "./witness-client.ts";

export type HeadFault = WitnessFault | "not-kept";

export interface HeadKeeperParts {
  trust: string;
  /** Ed25519; signs segments too. */
  logKey: KeyObject;
  letterbox: Pick<Letterbox, "keepHead">;
  witnesses: readonly WitnessClient[];
  /** From the database, for a witness that is far behind. */
  frontierAt(log: LogName, size: number): Promise<Frontier>;
  leaves(log: LogName, after: number, size: number): Promise<Uint8Array[]>;
  /** Between two heads of a log, ms. */
  everyMs?: number;
  /** After which a witness that did not sign is asked again, and a head that was not kept offered again, ms. */
  againMs?: number;
  onCosigned?(log: LogName, size: number): void;
  /** `witness` is empty where the letterbox did not keep the head. */
  onFault?(log: LogName, fault: HeadFault, witness: string): void;
}

/** Signs the head of each log after the letterbox has its lines, collects cosignatures, and keeps both beside the segments. */
export interface HeadKeeper {
  taken(log: LogName, taken: Taken): void;
  /** Everything that waits now. */
  publish(): Promise<void>;
  close(): Promise<void>;
}

const everyMsDefault = 5_000;
/** Seldom: it is while nothing new is written. */
const againMsDefault = 30_000;
/** Of new leaves that are remembered for proofs, 32 bytes each; who is further behind is proved to from the database. */
const leavesMax = 100_000;

export const startHeadKeeper = (parts: HeadKeeperParts): HeadKeeper => {
  const logs = new Map(logNames.map((log) => [log, keepLog(log, parts)]));
  return {
    taken: (log, taken) => logs.get(log)!.taken(taken),
    publish: async () => {
      for (const each of logs.values()) await each.publish();
    },
    close: async () => {
      await Promise.all([...logs.values()].map((each) => each.close()));
    },
  };
};

interface Head {
  size: number;
  text: string;
  signatures: NoteSignature[];
  /** Who has still to sign. */
  waiting: WitnessClient[];
  /** The letterbox has it, with every signature above. */
  isKept: boolean;
}

/** Leaves until before one, and from it on until before another. */
const splitAt = (pieces: readonly Buffer[], at: number, end?: number): [until: Buffer, from: Buffer] => {
  const all = Buffer.concat(pieces);
  return [all.subarray(0, at * leafBytes), all.subarray(at * leafBytes, end && end * leafBytes)];
};

const isDone = ({ waiting, isKept }: Head): boolean => waiting.length === 0 && isKept;

const keepLog = (log: LogName, parts: HeadKeeperParts) => {
  const { trust, logKey, letterbox, witnesses, everyMs = everyMsDefault, againMs = againMsDefault, onFault } = parts;
  const origin = originOf(trust, log);
  let newest: Taken | undefined;
  let head: Head | undefined;
  /** The leaves since `from`, in pieces, for proofs to whoever asks for them. */
  let tail: { from: Frontier; size: number; pieces: Buffer[] } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let dueMs = 0;
  let publishing: Promise<void> = Promise.resolve();
  let isClosed = false;

  const proofFrom = async (before: number, size: number): Promise<Uint8Array[]> => {
    if (tail !== undefined && before >= tail.from.size) {
      const [known, added] = splitAt(tail.pieces, before - tail.from.size, size - tail.from.size);
      return consistencyProof(sha256, extended(sha256, tail.from, leavesIn(known)), [...leavesIn(added)]);
    }
    if (before === 0) return [];
    return consistencyProof(sha256, await parts.frontierAt(log, before), await parts.leaves(log, before, size));
  };
  const remember = ({ before, leaves, frontier }: Taken): void => {
    const goesOn = tail?.size === before.size && before.size - tail.from.size < leavesMax;
    tail = goesOn ? { ...tail!, size: frontier.size } : { from: before, size: frontier.size, pieces: [] };
    tail.pieces.push(leaves);
  };
  const begin = ({ epoch, frontier }: Taken): Head => {
    const root = rootHex(frontier);
    const time = new Date().toISOString();
    const text = checkpointText({ trust, log, size: frontier.size, root, epoch, time });
    const signatures = [signNote(text, origin, logKey)];
    return { size: frontier.size, text, signatures, waiting: [...witnesses], isKept: false };
  };
  const ask = async (about: Head, witness: WitnessClient): Promise<void> => {
    const { size, text, signatures } = about;
    const note = noteText({ text, signatures: signatures.slice(0, 1) });
    try {
      signatures.push(await witness.cosign({ origin, size, text, note, proofFrom: (from) => proofFrom(from, size) }));
      about.isKept = false;
      about.waiting = about.waiting.filter((each) => each !== witness);
    } catch (error) {
      onFault?.(log, error instanceof NotWitnessed ? error.fault : "unreachable", witness.key.name);
    }
  };
  const keep = async (about: Head): Promise<void> => {
    try {
      await letterbox.keepHead(trust, log, noteText(about));
      about.isKept = true;
    } catch {
      onFault?.(log, "not-kept", "");
    }
  };
  const publishOne = async (): Promise<void> => {
    const isNew = newest !== undefined && newest.frontier.size > 0 && newest.frontier.size !== head?.size;
    if (isNew) head = begin(newest!);
    if (head === undefined || isDone(head)) return;
    await Promise.all(head.waiting.map((witness) => ask(head!, witness)));
    if (head.signatures.length > 1 && head.waiting.length === 0) {
      parts.onCosigned?.(log, head.size);
      const seen = head.size - (tail?.from.size ?? head.size);
      if (tail && seen > 0) {
        const [signed, rest] = splitAt(tail.pieces, seen);
        tail = { ...tail, from: extended(sha256, tail.from, leavesIn(signed)), pieces: [rest] };
      }
    }
    if (!head.isKept) await keep(head);
  };
  const publish = (): Promise<void> => {
    publishing = publishing.then(publishOne);
    return publishing;
  };
  const schedule = (ms: number): void => {
    const due = performance.now() + ms;
    if (isClosed || (timer !== undefined && dueMs <= due)) return;
    clearTimeout(timer);
    dueMs = due;
    timer = setTimeout(() => {
      timer = undefined;
      void publish().then(() => {
        if (newest?.frontier.size !== head?.size) schedule(everyMs);
        else if (head !== undefined && !isDone(head)) schedule(againMs);
      });
    }, ms);
    timer.unref();
  };
  return {
    taken: (taken: Taken): void => {
      newest = taken;
      if (witnesses.length > 0) remember(taken);
      schedule(everyMs);
    },
    publish,
    close: async (): Promise<void> => {
      isClosed = true;
      clearTimeout(timer);
      await publish();
    },
  };
};
