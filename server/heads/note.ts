import { createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";

/** Signed notes, C2SP signed-note: a text, an empty line, and lines `— <name> <base64 of key id and signature>`. */
export interface Note {
  /** Ends with a line break; what is signed. */
  text: string;
  signatures: NoteSignature[];
}
export interface NoteSignature {
  name: string;
  /** Four bytes, hexadecimal. */
  keyId: string;
  bytes: Buffer;
}

export class BadNote extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BadNote";
  }
}

const noteBytesMax = 16_000;
const signaturesMax = 32;
const keyIdBytes = 4;
const signatureLine = /^— ([^\s+]{1,200}) ([A-Za-z0-9+/]{8,400}={0,2})$/u;

/** Throws BadNote. */
export const readNote = (note: string): Note => {
  const end = note.lastIndexOf("\n\n");
  if (note.length > noteBytesMax || end < 0 || !note.endsWith("\n")) throw new BadNote("This is no signed note.");
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > signaturesMax) throw new BadNote("The note has too many signatures.");
  return { text: note.slice(0, end + 1), signatures: lines.map(readSignatureLine) };
};

/** Throws BadNote. */
export const readSignatureLine = (line: string): NoteSignature => {
  const [, name, base64] = signatureLine.exec(line) ?? [];
  const bytes = Buffer.from(base64 ?? "", "base64");
  if (name === undefined || bytes.length <= keyIdBytes || bytes.toString("base64") !== base64)
    throw new BadNote("A line of the note is no signature.");
  return { name, keyId: bytes.toString("hex", 0, keyIdBytes), bytes: bytes.subarray(keyIdBytes) };
};

export const signatureText = ({ name, keyId, bytes }: NoteSignature): string =>
  `— ${name} ${Buffer.concat([Buffer.from(keyId, "hex"), bytes]).toString("base64")}\n`;
export const noteText = ({ text, signatures }: Note): string => `${text}\n${signatures.map(signatureText).join("")}`;

/** What a key signs: a note as it is, or C2SP cosignature/v1, which says when a witness saw it. */
const keyKinds = { note: 1, cosignature: 4 } as const;
export type KeyKind = keyof typeof keyKinds;

/** Who signs, as others know them. */
export interface NoteKey {
  name: string;
  kind: KeyKind;
  publicKey: KeyObject;
}

const rawKey = (key: KeyObject): Buffer => Buffer.from(String(key.export({ format: "jwk" }).x), "base64url");
export const keyIdOf = ({ name, kind, publicKey }: NoteKey): string =>
  hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(keyKinds[kind]), rawKey(publicKey)])).slice(0, 8);

/** `<name>+<key id>+<base64>`, as C2SP writes a key that verifies. */
export const verifierText = (key: NoteKey): string =>
  `${key.name}+${keyIdOf(key)}+${Buffer.concat([Buffer.of(keyKinds[key.kind]), rawKey(key.publicKey)]).toString("base64")}`;

/** Throws BadNote for a text that is none, and for one whose id is another key's. */
export const readVerifier = (text: string): NoteKey => {
  const [, name, keyId, base64] = /^([^\s+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(base64 ?? "", "base64");
  const kind = (Object.keys(keyKinds) as KeyKind[]).find((each) => keyKinds[each] === bytes[0]);
  if (name === undefined || kind === undefined || bytes.length !== 33)
    throw new BadNote("This is no key that verifies notes: <name>+<key id>+<base64>.");
  const jwk = { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url", 1) };
  const key = { name, kind, publicKey: createPublicKey({ key: jwk, format: "jwk" }) };
  if (keyIdOf(key) !== keyId) throw new BadNote("The key and its id do not belong together.");
  return key;
};

export const signNote = (text: string, name: string, key: KeyObject): NoteSignature => ({
  name,
  keyId: keyIdOf({ name, kind: "note", publicKey: createPublicKey(key) }),
  bytes: sign(null, Buffer.from(text), key),
});

export const isSignedNote = ({ text, signatures }: Note, key: NoteKey): boolean => {
  const keyId = keyIdOf(key);
  return signatures.some(
    (each) =>
      each.name === key.name && each.keyId === keyId && verify(null, Buffer.from(text), key.publicKey, each.bytes),
  );
};

const timeBytes = 8;
const cosignedText = (text: string, seconds: number): Buffer => Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);

/** `at`: when the witness saw it, to the second. */
export const cosignNote = (text: string, name: string, key: KeyObject, at: Date): NoteSignature => {
  const seconds = Math.floor(at.getTime() / 1_000);
  const time = Buffer.alloc(timeBytes);
  time.writeBigUInt64BE(BigInt(seconds));
  return {
    name,
    keyId: keyIdOf({ name, kind: "cosignature", publicKey: createPublicKey(key) }),
    bytes: Buffer.concat([time, sign(null, cosignedText(text, seconds), key)]),
  };
};

/** When this witness signed the text; undefined where the signature is not its own or not over this text. */
export const cosignedAt = (text: string, { name, keyId, bytes }: NoteSignature, key: NoteKey): Date | undefined => {
  if (name !== key.name || keyId !== keyIdOf(key) || bytes.length !== timeBytes + 64) return undefined;
  const seconds = Number(bytes.readBigUInt64BE());
  const at = new Date(seconds * 1_000);
  if (Number.isNaN(at.getTime())) return undefined;
  return verify(null, cosignedText(text, seconds), key.publicKey, bytes.subarray(timeBytes)) ? at : undefined;
};
