import { type LogName, logNames } from "#defence/log/line.ts";
import { readCheckpoint, readCheckpointText } from "../heads/checkpoint.ts";
import { readNote } from "../heads/note.ts";
import type { HeadNotes, ProofParts } from "../verify/verify.ts";

/** The heads of each log that a log key signed, once each; and what was said to be one and is none. Others' logs are left out. */
export const sortHeads = (
  notes: HeadNotes,
  { trust, logKeys }: Pick<ProofParts, "trust" | "logKeys">,
): { signed: HeadNotes; unsigned: string[] } => {
  const unsigned = new Set<string>();
  const isSigned = (log: LogName, note: string): boolean => {
    try {
      const head = readCheckpointText(readNote(note).text);
      if (head.trust !== trust || head.log !== log) return false;
      readCheckpoint(note, () => logKeys);
      return true;
    } catch {
      unsigned.add(note);
      return false;
    }
  };
  const signed: HeadNotes = { care: [], access: [], control: [] };
  for (const log of logNames) signed[log] = [...new Set(notes[log])].filter((note) => isSigned(log, note));
  return { signed, unsigned: [...unsigned] };
};
