import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { derived, open, openWithAny, seal, type TrustKey } from "./trust-key.ts";

export interface RecordKey {
  /** As stored; wrapped by the trust key. */
  wrapped: Buffer;
  /** For a thread that seals by it. */
  key: KeyObject;
  seal(plain: Uint8Array, about: Uint8Array): Buffer;
  open(sealed: Uint8Array, about: Uint8Array): Buffer;
}

/** What is sealed under keys derived from the trust key, each use under its own. */
export type SealedUse =
  | "arrival"
  | "held"
  | "access"
  | "control"
  | "subject"
  | "session"
  | "issuer"
  | "inbox"
  | "site"
  | "log"
  | "blob";

/** Everything a cell seals or blinds goes through here. */
export interface KeyRing {
  newRecordKey(recordId: string): RecordKey;
  recordKey(recordId: string, wrapped: Buffer): RecordKey;
  /** Drops a record's key from memory: the record has ended. */
  forgetRecord(recordId: string): void;
  seal(use: SealedUse, plain: string, about: string): Buffer;
  open(use: SealedUse, sealed: Uint8Array, about: string): string;
  sealBytes(use: SealedUse, plain: Uint8Array, about: string): Buffer;
  openBytes(use: SealedUse, sealed: Uint8Array, about: string): Buffer;
  /** Blind index token: equal words give equal tokens to the holder of the key, and noise to anyone else. */
  blind(field: string, word: string): Buffer;
  /** Key of the tokens that devices carry. */
  tokenKey: Buffer;
  /** Keys of tokens before it was rotated: what they signed still pushes, and reads nothing. */
  formerTokenKeys: readonly Buffer[];
  /** For values that must come out the same each time, such as salts. */
  derive(use: string): Buffer;
}

const recordKeysMax = 20_000;

export const createKeyRing = (trustKey: TrustKey): KeyRing => {
  const uses = new Map<SealedUse, readonly [KeyObject, ...KeyObject[]]>();
  const keysFor = (use: SealedUse): readonly [KeyObject, ...KeyObject[]] => {
    const known = uses.get(use);
    if (known) return known;
    const [newest, ...older] = trustKey.derive(`seal ${use}`);
    const made = [createSecretKey(newest), ...older.map((bytes) => createSecretKey(bytes))] as const;
    uses.set(use, made);
    return made;
  };
  const blindKey = createSecretKey(trustKey.index);
  // A key object costs a third of its raw bytes at each use, so the ones in use are kept; oldest out first.
  const opened = new Map<string, RecordKey>();
  const keep = (recordId: string, raw: Buffer, wrapped: Buffer): RecordKey => {
    const key = createSecretKey(raw);
    const recordKey: RecordKey = {
      wrapped,
      key,
      seal: (plain, about) => seal(key, plain, about),
      open: (sealed, about) => open(key, sealed, about),
    };
    if (opened.size >= recordKeysMax) opened.delete(opened.keys().next().value!);
    opened.set(recordId, recordKey);
    return recordKey;
  };
  return {
    newRecordKey: (recordId) => {
      const raw = randomBytes(32);
      return keep(recordId, raw, trustKey.wrap(recordId, raw));
    },
    recordKey: (recordId, wrapped) => {
      const known = opened.get(recordId);
      if (known?.wrapped.equals(wrapped)) return known;
      return keep(recordId, trustKey.unwrap(recordId, wrapped), wrapped);
    },
    forgetRecord: (recordId) => void opened.delete(recordId),
    seal: (use, plain, about) => seal(keysFor(use)[0], Buffer.from(plain), Buffer.from(about)),
    open: (use, sealed, about) => openWithAny(keysFor(use), sealed, Buffer.from(about)).toString(),
    sealBytes: (use, plain, about) => seal(keysFor(use)[0], plain, Buffer.from(about)),
    openBytes: (use, sealed, about) => openWithAny(keysFor(use), sealed, Buffer.from(about)),
    blind: (field, word) => createHmac("sha256", blindKey).update(`${field}\n${word}`).digest(),
    tokenKey: trustKey.tokens[0],
    formerTokenKeys: trustKey.tokens.slice(1),
    derive: (use) => derived(trustKey.tokens[0], use),
  };
};
