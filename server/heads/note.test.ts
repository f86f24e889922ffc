import { createPublicKey, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sizes } from "#test/sizes.ts";
import { checkpointText, readCheckpoint } from "./checkpoint.ts";
import {
  BadNote,
  cosignedAt,
  cosignNote,
  isSignedNote,
  noteText,
  readNote,
  readVerifier,
  signNote,
  verifierText,
} from "./note.ts";

/** The Go project's own example of a signed note. */
const published = {
  verifier: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  note:
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
};

describe("a signed note", () => {
  test("is read, verified and written as the format's published example is", () => {
    const key = readVerifier(published.verifier);
    const note = readNote(published.note);
    expect(isSignedNote(note, key)).toBe(true);
    expect(noteText(note)).toBe(published.note);
    expect(verifierText(key)).toBe(published.verifier);
    expect(isSignedNote({ ...note, text: note.text.replace("answer", "ansver") }, key)).toBe(false);
    expect(() => readVerifier(published.verifier.replace("c74f20a3", "c74f20a4"))).toThrow(BadNote);
  });
});

const { privateKey } = generateKeyPairSync("ed25519");
const publicKey = createPublicKey(privateKey);
const time = "2026-11-23T03:00:00.000Z";
const head = { trust: "northmoor", log: "care", size: 312, root: "ab".repeat(32), epoch: 1, time } as const;
const text = checkpointText(head);
const signed = noteText({ text, signatures: [signNote(text, "holdfast.example/northmoor/care", privateKey)] });

describe("the head of a log", () => {
  test("is what was signed, and when a witness saw it", () => {
    expect(readCheckpoint(signed, () => [publicKey])).toMatchObject(head);
    const cosignature = cosignNote(text, "witness.example", privateKey, new Date(time));
    const key = { name: "witness.example", kind: "cosignature", publicKey } as const;
    expect(cosignedAt(text, cosignature, key)).toEqual(new Date(time));
    expect(cosignedAt(`${text}x`, cosignature, key)).toBeUndefined();
    expect(cosignedAt(text, { ...cosignature, bytes: Buffer.from(cosignature.bytes).fill(0, 0, 8) }, key)).toBe(
      undefined,
    );
    expect(cosignedAt(text, cosignature, { ...key, kind: "note" })).toBeUndefined();
  });

  test("with any byte changed is none", () => {
    const bytes = Buffer.from(signed);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= by;
        expect(() => readCheckpoint(changed.toString(), () => [publicKey])).toThrow(BadNote);
      }),
      { numRuns: sizes.fuzz },
    );
  });

  test("of another log, signed by this log's key for another name, or by another key, is refused", () => {
    const other = generateKeyPairSync("ed25519");
    expect(() => readCheckpoint(signed, () => [other.publicKey])).toThrow(BadNote);
    const control = checkpointText({ ...head, log: "control" });
    const misnamed = noteText({
      text: control,
      signatures: [signNote(control, "holdfast.example/northmoor/care", privateKey)],
    });
    expect(() => readCheckpoint(misnamed, () => [publicKey])).toThrow(BadNote);
  });
});
