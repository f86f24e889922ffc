import { hash } from "node:crypto";
import { type LogName, leafText, type ProvenLine } from "#defence/log/line.ts";
import { type Frontier, type Hasher, rootOf } from "#defence/log/tree.ts";

/** One call into the platform instead of four: a million leaves are hashed in a second. */
export const sha256: Hasher = (...parts) => hashed(parts.length === 1 ? parts[0]! : joined(parts));

/** By way of a string: a buffer that the platform makes for each hash is memory of its own to be given back. */
const hashed = (bytes: string | Uint8Array): Buffer => Buffer.from(hash("sha256", bytes, "latin1"), "latin1");

/** A node of a tree is a byte and two hashes: room for it is made once. */
const node = Buffer.alloc(65);
const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  if (parts.reduce((bytes, part) => bytes + part.length, 0) !== node.length) return Buffer.concat(parts);
  let at = 0;
  for (const part of parts) {
    node.set(part, at);
    at += part.length;
  }
  return node;
};

/** The tree's root as heads and segments write it, hexadecimal. */
export const rootHex = (frontier: Frontier): string => Buffer.from(rootOf(sha256, frontier)).toString("hex");

export const leafOf = (log: LogName, line: ProvenLine): Buffer => hashed(hashedText(log, line));
/** RFC 6962 puts a zero before a leaf. */
const hashedText = (log: LogName, line: ProvenLine): string => leafText(log, line, "\0");

/** How long a leaf hash is. Of many lines they are kept behind one another: as many buffers they are collected for longer than they are made. */
export const leafBytes = 32;
/** Writes a line's leaf hash behind so many others; where they are then, which is elsewhere if there was no room. */
export const withLeaf = (leaves: Buffer, count: number, log: LogName, line: ProvenLine): Buffer => {
  const at = count * leafBytes;
  const roomy =
    at < leaves.length ? leaves : Buffer.concat([leaves], Math.max(2 * leaves.length, leavesAtFirst * leafBytes));
  roomy.write(hash("sha256", hashedText(log, line), "latin1"), at, "latin1");
  return roomy;
};
const leavesAtFirst = 256;
/** Leaf hashes that stand behind one another, one by one. */
export function* leavesIn(leaves: Buffer, from = 0, to = leaves.length / leafBytes): Generator<Buffer> {
  for (let leaf = from; leaf < to; leaf++) yield leaves.subarray(leafBytes * leaf, leafBytes * (leaf + 1));
}
