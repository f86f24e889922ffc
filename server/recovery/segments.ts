import type { KeyObject } from "node:crypto";
import { hash } from "node:crypto";
import type { LogName } from "#defence/log/line.ts";
import { emptyFrontier, extended, type Frontier, rootOf } from "#defence/log/tree.ts";
import { leafOf, sha256 } from "../archive/hashing.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import { BadSealedFile, checkSigner } from "../archive/sealed-file.ts";
import { type ArchivedLine, openSegment, readSegment, type Segment } from "../archive/segment.ts";

/** Why a replay goes no further: everything before was good. */
export type SegmentFault =
  | BadSealedFile["code"]
  | "missing"
  | "not-next"
  | "wrong-root"
  | "wrong-bytes"
  | "other-trust";

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
  /** After its lines. */
  cursor: ArchiveCursor;
}

export interface SegmentsAsked {
  letterbox: Pick<Letterbox, "after" | "read">;
  trust: string;
  log: LogName;
  from: ArchiveCursor;
  /** The trust's log keys, which came another way than the archive. */
  logKeys: readonly KeyObject[];
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
  for (;;) {
    const names = await letterbox.after(trust, log, cursor.frontier.size);
    if (names.length === 0) return;
    for (const name of names) {
      const opened = await openNext(asked, cursor, name);
      cursor = opened.cursor;
      yield opened;
    }
  }
}

/** Rejects with BrokenArchive unless the segment of that name is good and goes on from the cursor. */
const openNext = async (
  { letterbox, trust, log, logKeys, identity }: SegmentsAsked,
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
    checkSigner(segment, logKeys);
    if (header.trust !== trust || header.log !== log) throw bad("other-trust", "it is of another trust or log.");
    if (header.previous !== cursor.hash || header.first !== cursor.frontier.size + 1)
      throw bad("not-next", "it does not go on from the one before: one is missing, repeated or in another's place.");
    const lines = await openSegment(segment, identity);
    const wrong = lines.find(({ text, hash: expected }) => text !== null && hash("sha256", text) !== expected);
    if (wrong) throw bad("wrong-bytes", `the bytes of line ${wrong.position} are not those that its hash names.`);
    const frontier = extended(
      sha256,
      cursor.frontier,
      lines.map((line) => leafOf(log, line)),
    );
    if (Buffer.from(rootOf(sha256, frontier)).toString("hex") !== header.root)
      throw bad("wrong-root", "its lines do not make the root that was signed.");
    return { segment, lines, cursor: { frontier, hash: segment.hash } };
  } catch (error) {
    throw error instanceof BadSealedFile ? bad(error.code, error.message) : error;
  }
};
