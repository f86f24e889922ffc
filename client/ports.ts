import type { Clock, HashText, Random } from "#sync/ports.ts";
import { hex, sha256Hex, utf8 } from "./bytes.ts";

/** The browser's clock, randomness and hash, as sync asks for them. */
export const browserClock: Clock = {
  nowMs: () => Date.now(),
  timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
};

const randomHex = (bytes: number): string => hex(crypto.getRandomValues(new Uint8Array(bytes)));

/** RFC 9562: 48 bits of the clock, version 7, 74 random bits. */
const uuidV7 = (): string => {
  const clock = Date.now().toString(16).padStart(12, "0");
  const random = randomHex(10);
  const variant = ((Number.parseInt(random.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  return `${clock.slice(0, 8)}-${clock.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
};

export const browserRandom: Random = {
  uuid: uuidV7,
  hex: randomHex,
  unit: () => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32,
};

export const hashText: HashText = (text) => sha256Hex(utf8(text));
