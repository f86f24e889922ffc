import { filmStatement } from "#protocol/film.ts";
import type { DeviceSigner } from "#sync/ports.ts";
import { base64url, fromBase64url, fromUtf8, utf8 } from "../bytes.ts";
import type { Sealed } from "../database.ts";
import { hashText } from "../ports.ts";
import { deflate, inflate } from "./deflate.ts";

/** What a film carries, before it is sealed: a text signed by its maker, and a copy of a recording. */
export interface FilmBody {
  /** JSON of protocol/film.ts. */
  text: string;
  /** The maker's, over `filmStatement`; base64url. */
  signature: string;
  ecgCopy?: Sealed;
}

const signatureBytes = 64;
const lengthBytes = 4;

/** The signature, the length of the text deflated, that text, then the copy deflated. */
export const packBody = async ({ text, signature, ecgCopy }: FilmBody): Promise<Sealed> => {
  const said = await deflate(utf8(text));
  const copy = ecgCopy === undefined ? new Uint8Array() : await deflate(ecgCopy);
  const bytes = new Uint8Array(signatureBytes + lengthBytes + said.length + copy.length);
  bytes.set(fromBase64url(signature));
  new DataView(bytes.buffer).setUint32(signatureBytes, said.length);
  bytes.set(said, signatureBytes + lengthBytes);
  bytes.set(copy, signatureBytes + lengthBytes + said.length);
  return bytes;
};

/** Rejects for bytes that no film's maker made. */
export const unpackBody = async (bytes: Sealed): Promise<FilmBody> => {
  const start = signatureBytes + lengthBytes;
  if (bytes.length < start) throw new RangeError("no film's body");
  const end = start + new DataView(bytes.buffer, bytes.byteOffset).getUint32(signatureBytes);
  if (end > bytes.length) throw new RangeError("no film's body");
  const text = fromUtf8(await inflate(bytes.slice(start, end)));
  const signature = base64url(bytes.subarray(0, signatureBytes));
  return { text, signature, ...(end < bytes.length && { ecgCopy: await inflate(bytes.slice(end)) }) };
};

export const signBody = async (signer: DeviceSigner, filmId: string, text: string): Promise<string> =>
  signer.sign(filmStatement({ filmId, deviceId: signer.deviceId, hash: await hashText(text) }));
