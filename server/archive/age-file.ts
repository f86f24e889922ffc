import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { Decrypter, Encrypter } from "age-encryption";

/**
 * age files (age-encryption.org/v1): keys, recipients and the header are the library's, the payload is enciphered by OpenSSL. The library's
 * own cipher is JavaScript, and took as long over a segment as everything else that is done to it (docs/measurements.md).
 */

/** Seals to age public keys. */
export const encryptToAge = async (plain: Uint8Array, recipients: readonly string[]): Promise<Buffer> => {
  const age = new Encrypter();
  for (const recipient of recipients) age.addRecipient(recipient);
  let fileKey = Buffer.alloc(0);
  // It is asked like any other to wrap the key of the file, and wraps nothing.
  age.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Buffer.from(key);
      return [];
    },
  });
  const ofNothing = await age.encrypt(new Uint8Array(0));
  const nonce = randomBytes(nonceBytes);
  const key = payloadKey(fileKey, nonce);
  const pieces: Uint8Array[] = [ofNothing.subarray(0, -nonceBytes - tagBytes), nonce];
  for (const [start, end, chunkNonce] of chunks(plain.length, chunkBytes)) {
    const cipher = createCipheriv(aead, key, chunkNonce, { authTagLength: tagBytes });
    pieces.push(cipher.update(plain.subarray(start, end)), cipher.final(), cipher.getAuthTag());
  }
  return Buffer.concat(pieces);
};

/** Opens by an age identity. Rejects where the file was sealed to others, or is not what was sealed. */
export const decryptAge = async (file: Buffer, identity: string): Promise<Buffer> => {
  const age = new Decrypter();
  age.addIdentity(identity);
  const fileKey = await age.decryptHeader(file);
  // The line with the header's own code, which the library has checked, is its last.
  const headerEnd = file.indexOf("\n", file.indexOf("\n---") + 1) + 1;
  const nonceEnd = headerEnd + nonceBytes;
  const key = payloadKey(fileKey, file.subarray(headerEnd, nonceEnd));
  const payload = file.subarray(nonceEnd);
  const pieces: Buffer[] = [];
  for (const [start, end, chunkNonce] of chunks(payload.length, chunkBytes + tagBytes)) {
    const tagAt = end - tagBytes;
    if (tagAt < start || (tagAt === start && start > 0)) throw new Error("The last part of an age file is too short.");
    const decipher = createDecipheriv(aead, key, chunkNonce, { authTagLength: tagBytes });
    decipher.setAuthTag(payload.subarray(tagAt, end));
    pieces.push(decipher.update(payload.subarray(start, tagAt)), decipher.final());
  }
  return Buffer.concat(pieces);
};

const aead = "chacha20-poly1305";
const chunkBytes = 65_536;
const tagBytes = 16;
const nonceBytes = 16;

const payloadKey = (fileKey: Uint8Array, nonce: Uint8Array): Buffer =>
  Buffer.from(hkdfSync("sha256", fileKey, nonce, "payload", 32));

/** Where each chunk starts and ends, and its nonce: which one it is, and whether it is the last. There is always one. */
function* chunks(length: number, size: number): Generator<[start: number, end: number, nonce: Buffer]> {
  for (let start = 0, chunk = 0; chunk === 0 || start < length; start += size, chunk++) {
    const end = Math.min(start + size, length);
    const nonce = Buffer.alloc(12);
    nonce.writeUIntBE(chunk, 5, 6);
    nonce[11] = end === length ? 1 : 0;
    yield [start, end, nonce];
  }
}
