import { decodeQR } from "qr/decode.js";

/** Pixels as a canvas gives them, RGBA. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8ClampedArray | Uint8Array;
}

/** Milliseconds that one picture may take beyond what is always tried: the next one is another chance. */
const timeLimitMs = 60;

/** The bytes of the symbol in a picture, a printed code's text as UTF-8; undefined where there is none that can be read. */
export const readSymbol = (picture: Picture): Uint8Array | undefined => {
  const parts: Uint8Array[] = [];
  const textDecoder = (bytes: Uint8Array) => {
    parts.push(bytes.slice());
    return "";
  };
  let text: string;
  try {
    text = decodeQR(picture, { effort: 4, timeLimit: timeLimitMs, textDecoder });
  } catch {
    // Blurred, turned too far, half out of the picture, or no symbol at all.
    return undefined;
  }
  // A film's symbol is one byte segment; of several the last try is the one that was read. A form's number has none: it is
  // capitals and digits, which a symbol holds more tightly.
  return parts.at(-1) ?? (text === "" ? undefined : new TextEncoder().encode(text));
};
