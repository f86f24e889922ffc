import type { KeyObject } from "node:crypto";
import { hash } from "node:crypto";
import type { LogName } from "#defence/log/line.ts";
import { emptyFrontier, extended, type Frontier } from "#defence/log/tree.ts";
import { checkOpenings } from "../archive/epochs.ts";
import { leafOf, rootHex, sha256 } from "../archive/hashing.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import { BadSealedFile, checkSigner } from "../archive/sealed-file.ts";
import { type ArchivedLine, openSegment, readSegment, type Segment } from "../archive/segment.ts";
import { BadOpening, keysOfEpoch, lastAdopted, type Opening } from "../epochs/opening.ts";

/** Why a replay goes no further: everything before was good. */
export type SegmentFault =
  | BadSealedFile["code"]
  | "missing"
  | "not-next"
  | "wrong-root"
  | "wrong-bytes"
  | "other-trust"
  | "bad-opening";

/** The first bad place of a log in the archive. What lies before it is whole, signed and in its place. */
export class BrokenArchive extends Error {
  readonly fault: SegmentFault;
  readonly log: LogName;
  /** The last good position. */
  readonly after: number;
  readonly segment: string;
  constructor(fault: SegmentFault, at: { log: LogName; after: number; segment: string }, why: string) {
    super(`${at.log}: after line ${at.after}, ${at.segment}: ${why}`);
    this.name = "BrokenArchive";
    this.fault = fault;
    this.log = at.log;
    this.after = at.after;
    this.segment = at.segment;
  }
}

/** Where a reader of the archive has got to. */
export interface ArchiveCursor {
  frontier: Frontier;
  /** SHA-256 of the last segment's file; empty before the first. */
  hash: string;
}
export const archiveStart: ArchiveCursor = { frontier: emptyFrontier, hash: "" };

export interface OpenedSegment {
  segment: Segment;
  lines: ArchivedLine[];
  /** What they were read from: a JSON text a line, also of lines that a later epoch did not adopt. */
  bytes: Buffer;
  /** After its lines. */
  cursor: ArchiveCursor;
}

export interface SegmentsAsked {
  letterbox: Pick<Letterbox, "after" | "read" | "openings">;
  trust: string;
  log: LogName;
  from: ArchiveCursor;
  /** The trust's log keys, which came another way than the archive. */
  logKeys: readonly KeyObject[];
  /** The trust's officers, whose signatures open later epochs; came the same way. */
  officers?: readonly KeyObject[];
  /** age identity. */
  identity: string;
}

/**
 * The segments of a log after `from`, in order, each checked: the key that signed it, the chain of files, each line's bytes
 * against its hash, and the tree's root. Rejects with BrokenArchive at the first that is not good.
 */
export async function* segmentsAfter(asked: SegmentsAsked): AsyncGenerator<OpenedSegment> {
  const { letterbox, trust, log } = asked;
  let cursor = asked.from;
  const openings = await openingsOf(asked);
  for (;;) {
    const names = await letterbox.after(trust, log, cursor.frontier.size);
    if (names.length === 0) return;
    for (const name of names) {
      const opened = await openNext(asked, openings, cursor, name);
      cursor = opened.cursor;
      yield opened;
    }
  }
}

/** Rejects with BrokenArchive unless the segment of that name is good and goes on from the cursor. */
const openNext = async (
  { letterbox, trust, log, logKeys, identity }: SegmentsAsked,
  openings: readonly Opening[],
  cursor: ArchiveCursor,
  name: string,
): Promise<OpenedSegment> => {
  const at = { log, after: cursor.frontier.size, segment: name };
  const bad = (fault: SegmentFault, why: string): BrokenArchive => new BrokenArchive(fault, at, why);
  const file = await letterbox.read(trust, log, name);
  if (file === undefined) throw bad("missing", "the segment is not there.");
  try {
    const segment = readSegment(file);
    const { header } = segment;
    checkSigner(segment, keysOfEpoch(logKeys, openings, header.epoch));
    if (header.trust !== trust || header.log !== log) throw bad("other-trust", "it is of another trust or log.");
    if (header.previous !== cursor.hash || header.first !== cursor.frontier.size + 1)
      throw bad("not-next", "it does not go on from the one before: one is missing, repeated or in another's place.");
    const { lines, bytes } = await openSegment(segment, identity);
    const wrong = lines.find(({ text, hash: expected }) => text !== null && hash("sha256", text) !== expected);
    if (wrong) throw bad("wrong-bytes", `the bytes of line ${wrong.position} are not those that its hash names.`);
    const frontier = extended(
      sha256,
      cursor.frontier,
      lines.map((line) => leafOf(log, line)),
    );
    if (rootHex(frontier) !== header.root) throw bad("wrong-root", "its lines do not make the root that was signed.");
    // A later epoch goes on in the midst of this one's lines: what comes after is of no epoch.
    const last = lastAdopted(openings, log, header.epoch);
    if (header.last <= last) return { segment, lines, bytes, cursor: { frontier, hash: segment.hash } };
    const kept = lines.slice(0, last - header.first + 1);
    const leaves = kept.map((line) => leafOf(log, line));
    return {
      segment,
      lines: kept,
      bytes,
      cursor: { frontier: extended(sha256, cursor.frontier, leaves), hash: segment.hash },
    };
  } catch (error) {
    throw error instanceof BadSealedFile ? bad(error.code, error.message) : error;
  }
};

/** The epochs that the archive says were opened; each by the officers' word, or the archive is not to be followed. */
const openingsOf = async ({ letterbox, trust, log, officers = [], from }: SegmentsAsked): Promise<Opening[]> => {
  try {
    return checkOpenings(await letterbox.openings(trust), officers);
  } catch (error) {
    if (!(error instanceof BadOpening)) throw error;
    throw new BrokenArchive("bad-opening", { log, after: from.frontier.size, segment: "epochs" }, error.message);
  }
};
