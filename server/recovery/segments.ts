import type { KeyObject } from "node:crypto";
import type { LogName } from "#defence/log/line.ts";
import { emptyFrontier, extended, type Frontier } from "#defence/log/tree.ts";
import { checkOpenings } from "../archive/epochs.ts";
import { leavesIn, rootHex, sha256 } from "../archive/hashing.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import { BadSealedFile, checkSigner } from "../archive/sealed-file.ts";
import { type ArchivedLine, linesOf, readSegment, type Segment, type SegmentHeader } from "../archive/segment.ts";
import { BadOpening, keysOfEpoch, lastAdopted, type Opening } from "../epochs/opening.ts";
import { readAhead } from "../projection/read-ahead.ts";
import { type OpenedLines, openLines } from "./open-lines.ts";

/** Why a replay goes no further: everything before was good. */
export type SegmentFault =
  | BadSealedFile["code"]
  | "missing"
  | "not-next"
  | "wrong-root"
  | "other-trust"
  | "bad-opening";

interface BrokenAt {
  log: LogName;
  /** The last good position. */
  after: number;
  segment: string;
}

/** The first bad place of a log in the archive. What lies before it is whole, signed and in its place. */
export class BrokenArchive extends Error {
  readonly fault: SegmentFault;
  readonly log: LogName;
  readonly after: number;
  readonly segment: string;
  constructor(fault: SegmentFault, at: BrokenAt, why: string) {
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

export interface OpenedSegment extends OpenedLines {
  segment: Segment;
  /** How many of its lines the log has. */
  count: number;
  /** Those are all: no later epoch goes on in their midst. */
  isWhole: boolean;
  /** After its lines. */
  cursor: ArchiveCursor;
}

/** The lines of the log that are in a segment, read anew at each call; where that is asked, from one on until before another. */
export const adoptedLines = ({ opened, count }: OpenedSegment, from = 0, until = count): Generator<ArchivedLine> =>
  linesOf(opened, from, until);

/** Each once. */
export const recordIdsOf = ({ runs }: Pick<OpenedLines, "runs">): string[] => [
  ...new Set(runs.flatMap(({ recordId }) => recordId ?? [])),
];

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
  /** Who else does what `openLines` does, and how many segments are opened while one is used. */
  opening?: { open: typeof openLines; ahead: number };
}

/**
 * The segments of a log after `from`, in order, each checked: the key that signed it, the chain of files, each line's bytes
 * against its hash, and the tree's root. Rejects with BrokenArchive at the first that is not good.
 */
export async function* segmentsAfter(asked: SegmentsAsked): AsyncGenerator<OpenedSegment> {
  const { from, identity, opening = { open: openLines, ahead: 0 } } = asked;
  const openPlaced = async (placed: PlacedSegment) => {
    try {
      return { ...placed, ...(await opening.open(placed.segment, identity)) };
    } catch (error) {
      throw brokenBy(error, placed.at);
    }
  };
  let { frontier } = from;
  for await (const { segment, at, last, ...found } of readAhead(placedAfter(asked), openPlaced, opening.ahead)) {
    const { header } = segment;
    const whole = extended(sha256, frontier, leavesIn(found.leaves, 0, header.last - header.first + 1));
    if (rootHex(whole) !== header.root)
      throw new BrokenArchive("wrong-root", at, "its lines do not make the root that was signed.");
    // A later epoch goes on in the midst of this one's lines: what comes after is of no epoch.
    const [isWhole, count] = [last === header.last, last - header.first + 1];
    frontier = isWhole ? whole : extended(sha256, frontier, leavesIn(found.leaves, 0, count));
    yield { segment, ...found, count, isWhole, cursor: { frontier, hash: segment.hash } };
  }
}

/** A segment that its log key signed and that goes on from the one before. */
interface PlacedSegment {
  segment: Segment;
  at: BrokenAt;
  /** The last of its lines that a later epoch did not cut off. */
  last: number;
}

/** Reads on without waiting for what was sealed in them to be opened. Rejects with BrokenArchive. */
async function* placedAfter(asked: SegmentsAsked): AsyncGenerator<PlacedSegment> {
  const { letterbox, trust, log, logKeys } = asked;
  const openings = await openingsOf(asked);
  let [after, previous] = [asked.from.frontier.size, asked.from.hash];
  for (;;) {
    const names = await letterbox.after(trust, log, after);
    if (names.length === 0) return;
    for (const name of names) {
      const at: BrokenAt = { log, after, segment: name };
      const file = await letterbox.read(trust, log, name);
      if (file === undefined) throw new BrokenArchive("missing", at, "the segment is not there.");
      const segment = signedSegment(file, at, ({ epoch }) => keysOfEpoch(logKeys, openings, epoch));
      const { header } = segment;
      if (header.trust !== trust || header.log !== log)
        throw new BrokenArchive("other-trust", at, "it is of another trust or log.");
      if (header.previous !== previous || header.first !== after + 1)
        throw new BrokenArchive(
          "not-next",
          at,
          "it does not go on from the one before: one is missing, repeated or in another's place.",
        );
      after = Math.min(header.last, lastAdopted(openings, log, header.epoch));
      if (after < header.first) throw new BrokenArchive("not-next", at, "a later epoch goes on before it.");
      previous = segment.hash;
      yield { segment, at, last: after };
    }
  }
}

const signedSegment = (
  file: Buffer,
  at: BrokenAt,
  keysOf: (header: SegmentHeader) => readonly KeyObject[],
): Segment => {
  try {
    const segment = readSegment(file);
    checkSigner(segment, keysOf(segment.header));
    return segment;
  } catch (error) {
    throw brokenBy(error, at);
  }
};

const brokenBy = (error: unknown, at: BrokenAt): unknown =>
  error instanceof BadSealedFile ? new BrokenArchive(error.code, at, error.message) : error;

/** The epochs that the archive says were opened; each by the officers' word, or the archive is not to be followed. */
const openingsOf = async ({ letterbox, trust, log, officers = [], from }: SegmentsAsked): Promise<Opening[]> => {
  try {
    return checkOpenings(await letterbox.openings(trust), officers);
  } catch (error) {
    if (!(error instanceof BadOpening)) throw error;
    throw new BrokenArchive("bad-opening", { log, after: from.frontier.size, segment: "epochs" }, error.message);
  }
};
