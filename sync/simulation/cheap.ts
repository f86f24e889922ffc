import type { DeviceSigner, Random } from "../ports.ts";
import type { Rng } from "./scheduler.ts";

/** 64 digits from a text, fast and not secure: hashes are a port, and a simulated attacker finds no collisions. */
export const cheapHash = (text: string): string => {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b + code, 0x85ebca6b) ^ (b >>> 13);
  }
  const half = hex8(a) + hex8(b);
  const other = hex8(Math.imul(a ^ (b >>> 7), 0xc2b2ae35)) + hex8(Math.imul(b ^ (a >>> 11), 0x27d4eb2f));
  return half + other + other + half;
};

const hex8 = (n: number): string => (n >>> 0).toString(16).padStart(8, "0");

/** A signature is a hash over the device's name, which only the device uses. */
export const cheapSigner = (deviceId: string): DeviceSigner => ({
  deviceId,
  sign: async (statement) => signatureOf(deviceId, statement),
});
export const signatureOf = (deviceId: string, statement: string): string => `sig-${cheapHash(deviceId + statement)}`;

export const cheapRandom = (rng: Rng): Random => ({
  uuid: () => {
    const tail = hex8(rng.next()) + hex8(rng.next());
    return `${hex8(rng.next())}-0000-7000-8${tail.slice(0, 3)}-${tail.slice(3, 15)}`;
  },
  hex: (bytes) => {
    let hex = "";
    while (hex.length < bytes * 2) hex += hex8(rng.next());
    return hex.slice(0, bytes * 2);
  },
  unit: rng.unit,
});
