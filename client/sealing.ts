import { fromUtf8, utf8 } from "./bytes.ts";

const ivBytes = 12;

/**
 * AES-256-GCM: 12 random bytes, then ciphertext and tag. `label` is bound in as additional data, so that a sealed value
 * moved to another row does not open there.
 */
export const sealBytes = async (
  key: CryptoKey,
  label: string,
  plain: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> => {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(label) }, key, plain);
  const sealed = new Uint8Array(ivBytes + cipher.byteLength);
  sealed.set(iv);
  sealed.set(new Uint8Array(cipher), ivBytes);
  return sealed;
};

/** Rejects with an OperationError if a byte, the label or the key is not the one it was sealed with. */
export const unsealBytes = async (
  key: CryptoKey,
  label: string,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> => {
  const algorithm = { name: "AES-GCM", iv: sealed.subarray(0, ivBytes), additionalData: utf8(label) };
  return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed.subarray(ivBytes)));
};

export const sealText = (key: CryptoKey, label: string, text: string) => sealBytes(key, label, utf8(text));
export const unsealText = async (key: CryptoKey, label: string, sealed: Uint8Array<ArrayBuffer>): Promise<string> =>
  fromUtf8(await unsealBytes(key, label, sealed));
