import { hash, type KeyObject } from "node:crypto";
import { type LogName, logNames } from "#defence/log/line.ts";
import { emptyFrontier } from "#defence/log/tree.ts";
import {
  BadOpening,
  checkOpening,
  everyKey,
  keysOfEpoch,
  lastAdopted,
  type Opening,
  type SignedOpening,
} from "../epochs/opening.ts";
import { readCheckpoint } from "../heads/checkpoint.ts";
import { BadNote } from "../heads/note.ts";
import { type ArchiveStore, NameTaken } from "./archive-store.ts";
import { blobsFolder, pieceName, readPiece } from "./blob-piece.ts";
import { createEpochs } from "./epochs.ts";
import { rootHex } from "./hashing.ts";
import { checkSigner } from "./sealed-file.ts";
import { folderOf, readSegment, type SegmentHeader, segmentName } from "./segment.ts";

/** The end of a log as the letterbox has it: what the next segment must go on from. */
export interface ArchiveEnd {
  epoch: number;
  /** 0 before the first segment. */
  last: number;
  /** SHA-256 of the last file; empty before the first. */
  hash: string;
  root: string;
}
const nothingYet: ArchiveEnd = { epoch: 0, last: 0, hash: "", root: "" };

/** A segment that does not go on from the last. Nothing was stored. */
export class NotNext extends Error {
  readonly end: ArchiveEnd;
  constructor(end: ArchiveEnd) {
    super(`The next segment begins at ${end.last + 1} and names the hash of the last.`);
    this.name = "NotNext";
    this.end = end;
  }
}

/** A later epoch was opened: this one takes nothing more. Nothing was stored. */
export class EpochClosed extends Error {
  readonly opened: number;
  constructor(opened: number) {
    super(`The officers opened epoch ${opened}. This base is read for forensics, and writes no more.`);
    this.name = "EpochClosed";
    this.opened = opened;
  }
}

/**
 * Takes what the base seals, and gives it to whoever restores. It has no verb to overwrite or delete: a segment is taken if the
 * trust's log key signed it and it goes on from the last one, and what was taken stays until its retention lock ends.
 */
export interface Letterbox {
  /**
   * Resolves once the segment is durable; also for the very one that was taken last, since an answer may have been lost. Rejects
   * with BadSealedFile, NotNext or EpochClosed, having stored nothing.
   */
  take(trust: string, log: LogName, file: Buffer): Promise<ArchiveEnd>;
  end(trust: string, log: LogName): Promise<ArchiveEnd>;
  /**
   * Opens an epoch by the officers' word: from now on its base alone is taken from, and goes on after the lines that it adopts. Rejects
   * with BadOpening, having stored nothing. What the archive has of the epoch before after those lines stays where it is, and is no
   * part of the log.
   */
  openEpoch(trust: string, opening: SignedOpening): Promise<void>;
  /** In order of the epochs. */
  openings(trust: string): Promise<SignedOpening[]>;
  /** Names of the segments with a line after this position, in order; `segmentsPageMax` at most. */
  after(trust: string, log: LogName, position: number): Promise<string[]>;
  /** A segment's file; undefined where there is none of that name. */
  read(trust: string, log: LogName, name: string): Promise<Buffer | undefined>;
  /**
   * Keeps a signed head with the cosignatures that it has, beside the segments. Rejects with BadNote unless the log key signed it and
   * it is the head after a segment that is here.
   */
  keepHead(trust: string, log: LogName, note: string): Promise<void>;
  /** Heads of a log of more than so many lines, as notes, the shortest first; `headsPageMax` at most. */
  heads(trust: string, log: LogName, after: number): Promise<string[]>;
  /**
   * Resolves once the piece of a blob is durable, also where it is there already: what was taken first stays. Rejects with
   * BadSealedFile where this one, or the one that is there, is not good.
   */
  takeBlob(trust: string, file: Buffer): Promise<void>;
  /** Names of pieces of blobs after a name, in order; `blobsPageMax` at most. */
  blobs(trust: string, after: string): Promise<string[]>;
  readBlob(trust: string, name: string): Promise<Buffer | undefined>;
}
/** Each page lists its folder anew, so pages are long. */
export const segmentsPageMax = 20_000;
export const blobsPageMax = 20_000;
/** More than that many where several are of the last size. */
export const headsPageMax = 20_000;

export interface LetterboxParts {
  store: ArchiveStore;
  /** A trust's log keys, Ed25519; empty for a trust that is none of this letterbox's. */
  logKeys(trust: string): readonly KeyObject[];
  /** A trust's officers, Ed25519; empty where this letterbox opens no epoch. */
  officers?(trust: string): readonly KeyObject[];
}

export const createLetterbox = ({ store, logKeys, officers = () => [] }: LetterboxParts): Letterbox => {
  const epochs = createEpochs(store);
  const ends = new Map<string, ArchiveEnd>();
  /** Folder → size → root after the segments that were taken last: a head comes seconds after its segment. */
  const roots = new Map<string, Map<number, string>>();
  const taking = new Map<string, Promise<unknown>>();

  /** In order, without what an opening cut off. */
  const segmentNames = async (trust: string, log: LogName): Promise<string[]> => {
    const openings = await epochs.all(trust);
    const names = await store.list(folderOf(trust, log));
    return names.filter((name) => firstOf(name) <= lastAdopted(openings, log, epochOf(name)));
  };
  const end = async (trust: string, log: LogName): Promise<ArchiveEnd> => {
    const folder = folderOf(trust, log);
    const known = ends.get(folder);
    if (known) return known;
    const opened = (await epochs.all(trust)).at(-1);
    const name = (await segmentNames(trust, log)).at(-1);
    const isOfOpened = opened === undefined || (name !== undefined && epochOf(name) === opened.epoch);
    const file = name === undefined ? undefined : await store.read(`${folder}/${name}`);
    const found = isOfOpened ? (file === undefined ? nothingYet : endOf(readSegment(file))) : startOf(opened, log);
    ends.set(folder, found);
    return found;
  };

  const take = async (trust: string, log: LogName, file: Buffer): Promise<ArchiveEnd> => {
    const segment = readSegment(file);
    const { header } = segment;
    const before = await end(trust, log);
    const openings = await epochs.all(trust);
    const opened = openings.at(-1)?.epoch ?? 0;
    const keys = keysOfEpoch(logKeys(trust), openings, header.epoch);
    checkSigner(segment, header.trust === trust && header.log === log ? keys : []);
    if (header.epoch < opened) throw new EpochClosed(opened);
    if (segment.hash === before.hash) return before;
    const goesOn = header.first === before.last + 1 && header.previous === before.hash && header.epoch >= before.epoch;
    if (!goesOn) throw new NotNext(before);
    await store.create(segmentName(header), file).catch((error: unknown) => {
      // Another process of this letterbox was first.
      if (error instanceof NameTaken) ends.delete(folderOf(trust, log));
      throw error instanceof NameTaken ? new NotNext(before) : error;
    });
    const now = endOf(segment);
    ends.set(folderOf(trust, log), now);
    const known = roots.get(folderOf(trust, log)) ?? new Map<number, string>();
    roots.set(folderOf(trust, log), known.set(now.last, now.root));
    if (known.size > rootsKept) known.delete(known.keys().next().value!);
    return now;
  };

  /** After the segment that ends at this line; undefined where none does. */
  const rootAt = async (trust: string, log: LogName, size: number): Promise<string | undefined> => {
    const folder = folderOf(trust, log);
    const known = roots.get(folder)?.get(size);
    if (known !== undefined) return known;
    const name = (await segmentNames(trust, log)).find((each) => lastOf(each) === size);
    const file = name === undefined ? undefined : await store.read(`${folder}/${name}`);
    return file && readSegment(file).header.root;
  };
  const keepHead = async (trust: string, log: LogName, note: string): Promise<void> => {
    const openings = await epochs.all(trust);
    const keys = (epoch: number) => keysOfEpoch(logKeys(trust), openings, epoch);
    const head = readCheckpoint(note, (of, epoch) => (of === trust ? keys(epoch) : []));
    if (head.trust !== trust || head.log !== log) throw new BadNote("This is the head of another log.");
    if ((await rootAt(trust, log, head.size)) !== head.root)
      throw new BadNote("No segment that is here ends with this head.");
    await store.create(headName(trust, log, head.size, note), Buffer.from(note)).catch((error: unknown) => {
      // The very same, whose answer was lost.
      if (!(error instanceof NameTaken)) throw error;
    });
  };

  const openEpoch = async (trust: string, signed: SignedOpening): Promise<void> => {
    const says = checkOpening(signed, officers(trust));
    if (says.trust !== trust) throw new BadOpening("This is the opening of another trust's epoch.");
    const last = (await epochs.signed(trust)).at(-1);
    // The very one, whose answer was lost.
    if (last?.statement === signed.statement) return;
    for (const log of logNames) await checkAdopted(trust, log, says);
    await epochs.add(trust, signed);
    for (const log of logNames) {
      ends.delete(folderOf(trust, log));
      roots.delete(folderOf(trust, log));
    }
  };
  /** An epoch goes on from a line that is here, under the root that its segment was signed with where it is a segment's last. */
  const checkAdopted = async (trust: string, log: LogName, { epoch, adopted }: Opening): Promise<void> => {
    const { position, root, segment } = adopted[log];
    const now = await end(trust, log);
    if (epoch <= now.epoch) throw new BadOpening(`Epoch ${now.epoch} is open already.`);
    const empty = rootHex(emptyFrontier);
    if (position === 0 && segment === "" && root === empty) return;
    const name = (await segmentNames(trust, log)).find((each) => firstOf(each) <= position && position <= lastOf(each));
    const file = name === undefined ? undefined : await store.read(`${folderOf(trust, log)}/${name}`);
    if (file === undefined) throw new BadOpening(`The archive has no line ${position} of ${log}.`);
    const held = endOf(readSegment(file));
    if (held.hash !== segment || (held.last === position && held.root !== root))
      throw new BadOpening(`The archive has another line ${position} of ${log}.`);
  };

  const takeBlob = async (trust: string, file: Buffer): Promise<void> => {
    const openings = await epochs.all(trust);
    const opened = openings.at(-1)?.epoch;
    const goodPiece = (bytes: Buffer, keys: readonly KeyObject[]) => {
      const piece = readPiece(bytes);
      checkSigner(piece, piece.header.trust === trust ? keys : []);
      return piece;
    };
    const keys = everyKey(logKeys(trust), openings);
    const now = opened === undefined ? keys : keysOfEpoch([], openings, opened);
    const name = `${blobsFolder(trust)}/${pieceName(goodPiece(file, now).header)}`;
    await store.create(name, file).catch(async (error: unknown) => {
      if (!(error instanceof NameTaken)) throw error;
      // Sealed again after a crash, with other random bytes. Whatever lies there must be good, or nobody would notice.
      const there = await store.read(name);
      if (there === undefined) throw error;
      goodPiece(there, keys);
    });
  };

  return {
    takeBlob,
    blobs: async (trust, after) =>
      (await store.list(blobsFolder(trust))).filter((name) => name > after).slice(0, blobsPageMax),
    readBlob: (trust, name) => store.read(`${blobsFolder(trust)}/${name}`),
    // One at a time for each log, or two could go on from the same one.
    take: (trust, log, file) => {
      const key = folderOf(trust, log);
      const next = (taking.get(key) ?? Promise.resolve()).catch(() => {}).then(() => take(trust, log, file));
      taking.set(key, next);
      return next;
    },
    end,
    openEpoch: (trust, signed) => {
      // After whatever is being taken: between two looks nothing moves.
      const before = Promise.allSettled(logNames.map((log) => taking.get(folderOf(trust, log))));
      const next = before.then(() => openEpoch(trust, signed));
      for (const log of logNames) taking.set(folderOf(trust, log), next);
      return next;
    },
    openings: epochs.signed,
    after: async (trust, log, position) => {
      const openings = await epochs.all(trust);
      const lastIn = (name: string) => Math.min(lastOf(name), lastAdopted(openings, log, epochOf(name)));
      return (await segmentNames(trust, log)).filter((name) => lastIn(name) > position).slice(0, segmentsPageMax);
    },
    read: (trust, log, name) => store.read(`${folderOf(trust, log)}/${name}`),
    keepHead,
    heads: async (trust, log, after) => {
      const folder = headsFolder(trust, log);
      const later = (await store.list(folder)).filter((name) => sizeOf(name) > after);
      const sizeAtMost = sizeOf(later[headsPageMax - 1] ?? "");
      const page = later
        .slice(0, headsPageMax)
        .concat(later.slice(headsPageMax).filter((name) => sizeOf(name) === sizeAtMost));
      const notes: string[] = [];
      // One at a time: so many open files at once are more than a process may have.
      for (const name of page) {
        const note = await store.read(`${folder}/${name}`);
        if (note !== undefined) notes.push(note.toString());
      }
      return notes;
    },
  };
};

const rootsKept = 1_000;
export const headsFolder = (trust: string, log: LogName): string => `${folderOf(trust, log)}-heads`;
/** In the order of their sizes; of one size there may be several, with more cosignatures. */
const headName = (trust: string, log: LogName, size: number, note: string): string =>
  `${headsFolder(trust, log)}/${String(size).padStart(12, "0")}.${hash("sha256", note).slice(0, 16)}.head`;
const sizeOf = (name: string): number => Number(/^(\d+)\./.exec(name)?.[1] ?? Number.NaN);

const endOf = ({ header, hash }: { header: SegmentHeader; hash: string }): ArchiveEnd => ({
  epoch: header.epoch,
  last: header.last,
  hash,
  root: header.root,
});

/** Before the first segment of an epoch. */
const startOf = ({ epoch, adopted }: Opening, log: LogName): ArchiveEnd => {
  const { position, segment, root } = adopted[log];
  return { epoch, last: position, hash: segment, root };
};

/** As `segmentName` writes them; NaN for a name that is none. */
const firstOf = (name: string): number => Number(/^(\d+)-/.exec(name)?.[1] ?? Number.NaN);
const epochOf = (name: string): number => Number(/\.(\d+)\.segment$/.exec(name)?.[1] ?? Number.NaN);
const lastOf = (name: string): number => Number(/^\d+-(\d+)\./.exec(name)?.[1] ?? Number.NaN);
