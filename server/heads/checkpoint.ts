import type { KeyObject } from "node:crypto";
import { type LogName, logNames } from "#defence/log/line.ts";
import { BadNote, isSignedNote, type Note, type NoteKey, readNote } from "./note.ts";

/** The head of a log: how long it was, and the root of its tree. C2SP tlog-checkpoint, with two lines of our own. */
export interface Checkpoint {
  trust: string;
  log: LogName;
  /** Lines; the position of the last. */
  size: number;
  /** Hexadecimal. */
  root: string;
  epoch: number;
  /** By the base's clock, ISO 8601. A cosignature has the witness's own. */
  time: string;
}

/** Whose log it is, as witnesses know it. */
export const originOf = (trust: string, log: LogName): string => `holdfast.example/${trust}/${log}`;

export const checkpointText = ({ trust, log, size, root, epoch, time }: Checkpoint): string =>
  `${originOf(trust, log)}\n${size}\n${Buffer.from(root, "hex").toString("base64")}\nepoch ${epoch}\ntime ${time}\n`;

const pattern =
  /^holdfast\.example\/([a-z0-9-]{1,40})\/([a-z]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\nepoch ([1-9]\d{0,8})\ntime (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n$/;

/** Throws BadNote for a text that is no head of a trust's log. */
export const readCheckpointText = (text: string): Checkpoint => {
  const [, trust, log, size, root, epoch, time] = pattern.exec(text) ?? [];
  const known = logNames.find((name) => name === log);
  if (trust === undefined || known === undefined || time === undefined) throw new BadNote("This is no head of a log.");
  return {
    trust,
    log: known,
    size: Number(size),
    root: Buffer.from(root!, "base64").toString("hex"),
    epoch: Number(epoch),
    time,
  };
};

export interface SignedCheckpoint extends Checkpoint {
  note: Note;
}

/** Throws BadNote unless it is the head of a log, signed by one of the trust's log keys. */
export const readCheckpoint = (
  note: string,
  logKeys: (trust: string, epoch: number) => readonly KeyObject[],
): SignedCheckpoint => {
  const read = readNote(note);
  const head = readCheckpointText(read.text);
  if (!logKeys(head.trust, head.epoch).some((key) => isSignedNote(read, logNoteKey(head.trust, head.log, key))))
    throw new BadNote("None of the trust's log keys signed this head.");
  return { ...head, note: read };
};

/** The log key as it signs heads: under the name of the log. */
export const logNoteKey = (trust: string, log: LogName, publicKey: KeyObject): NoteKey => ({
  name: originOf(trust, log),
  kind: "note",
  publicKey,
});
