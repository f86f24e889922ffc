import type { KeyObject } from "node:crypto";
import { noteText, signNote } from "../heads/note.ts";

export interface PackedFile {
  name: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

export interface Manifest {
  trust: string;
  /** ISO 8601 in UTC. */
  made: string;
  /** In the order of the pack. */
  files: readonly PackedFile[];
}

/** No log has this name, so that a manifest is never taken for a head, nor a head for a manifest. */
export const evidenceOrigin = (trust: string): string => `holdfast.example/${trust}/evidence`;

/** The manifest as a note that the log key has signed, C2SP signed-note. */
export const signedManifest = ({ trust, made, files }: Manifest, logKey: KeyObject): string => {
  const origin = evidenceOrigin(trust);
  const list = files.map(({ name, bytes, sha256 }) => `${sha256} ${bytes} ${name}\n`).join("");
  const text = `${origin}\nholdfast evidence 1\nmade ${made}\nfiles ${files.length}\n${list}`;
  return noteText({ text, signatures: [signNote(text, origin, logKey)] });
};
