import { createHash } from "node:crypto";

/** What is kept of a code that is given out once: SHA-256, hexadecimal. Case and spaces around it do not count. */
export const hashOfCode = (code: string): string =>
  createHash("sha256").update(code.trim().toUpperCase()).digest("hex");
