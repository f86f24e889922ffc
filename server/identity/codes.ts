import { createHash, randomInt } from "node:crypto";

/** Crockford's base 32: no I, L, O, U to misread. */
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const group = (): string => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("");

/** 60 random bits in three groups, as a person types it: `7K2M-9QX4-TB3D`. */
export const oneTimeCode = (): string => [group(), group(), group()].join("-");

/** What is kept of a code that is given out once: SHA-256, hexadecimal. Case and spaces around it do not count. */
export const hashOfCode = (code: string): string =>
  createHash("sha256").update(code.trim().toUpperCase()).digest("hex");
