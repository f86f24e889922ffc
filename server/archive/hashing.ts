import { hash } from "node:crypto";
import { type LogName, leafText, type ProvenLine } from "#defence/log/line.ts";
import { type Frontier, type Hasher, rootOf } from "#defence/log/tree.ts";

/** One call into the platform instead of four: a million leaves are hashed in a second. */
export const sha256: Hasher = (...parts) =>
  hash("sha256", parts.length === 1 ? parts[0]! : Buffer.concat(parts), "buffer");

/** The tree's root as heads and segments write it, hexadecimal. */
export const rootHex = (frontier: Frontier): string => Buffer.from(rootOf(sha256, frontier)).toString("hex");

/** RFC 6962 puts a zero before a leaf. */
export const leafOf = (log: LogName, line: ProvenLine): Buffer => hash("sha256", `\0${leafText(log, line)}`, "buffer");
