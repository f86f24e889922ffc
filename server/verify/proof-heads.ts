import type { KeyObject } from "node:crypto";
import type { LogName } from "#defence/log/line.ts";
import { type Checkpoint, logNoteKey, readCheckpointText } from "../heads/checkpoint.ts";
import { cosignedAt, isSignedNote, type Note, type NoteKey, readNote } from "../heads/note.ts";

/** A head that a log is compared with. Signatures are checked where it matters, since there may be a million heads. */
export interface ProofHead extends Checkpoint {
  isSigned(): boolean;
  /** When a witness saw it, ISO 8601; undefined where none of the known ones signed it. */
  cosignedAt(): string | undefined;
}

/** Heads of one log, the shortest first. What is no head of it is left out, and counted. */
export const readProofHeads = (
  notes: Iterable<string>,
  about: { trust: string; log: LogName; logKeys: readonly KeyObject[]; witnesses: readonly NoteKey[] },
): { heads: ProofHead[]; unreadable: number } => {
  const heads: ProofHead[] = [];
  let unreadable = 0;
  for (const text of notes)
    try {
      const note = readNote(text);
      const head = readCheckpointText(note.text);
      if (head.trust === about.trust && head.log === about.log) heads.push(proofHead(head, note, about));
    } catch {
      unreadable += 1;
    }
  return { heads: heads.sort((a, b) => a.size - b.size), unreadable };
};

const proofHead = (
  head: Checkpoint,
  note: Note,
  { logKeys, witnesses }: { logKeys: readonly KeyObject[]; witnesses: readonly NoteKey[] },
): ProofHead => ({
  ...head,
  isSigned: () => logKeys.some((key) => isSignedNote(note, logNoteKey(head.trust, head.log, key))),
  cosignedAt: () => {
    const times = note.signatures.flatMap((each) => witnesses.flatMap((key) => cosignedAt(note.text, each, key) ?? []));
    return times.sort((a, b) => a.getTime() - b.getTime())[0]?.toISOString();
  },
});
