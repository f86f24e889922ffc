import type { KeyObject } from "node:crypto";
import { fileURLToPath } from "node:url";

/** verifier/holdfast-verify.mjs, which has no types because it has nothing of this project's. */
export const verifierPath = fileURLToPath(new URL("../../verifier/holdfast-verify.mjs", import.meta.url));

export interface SmallProblem {
  kind: string;
  from: number | null;
  to: number | null;
  words: string;
}
export interface SmallLog {
  log: "care" | "access" | "control";
  lines: number;
  heads: number;
  provenTo: number;
  cleanLine: number;
  cleanSince: string | null;
  problems: SmallProblem[];
  records: string[];
}
export interface SmallResult {
  good: boolean;
  opened: boolean;
  trusts: { trust: string; good: boolean; logs: SmallLog[]; devices: { kind: string; recordId: string }[] }[];
}
interface Tree {
  size: number;
  roots: Uint8Array[];
}
interface SmallVerifier {
  verifyArchive(parts: {
    directory: string;
    logKeys: readonly KeyObject[];
    witnesses: readonly unknown[];
    heads: readonly unknown[];
    deviceHeads: readonly object[];
    identity?: unknown;
    trusts?: readonly string[];
  }): SmallResult;
  readWitness(text: string): unknown;
  readIdentity(text: string): unknown;
  readLogKey(text: string): KeyObject;
  readHead(text: string, logKeys: readonly KeyObject[], witnesses: readonly unknown[]): unknown;
  decrypt(file: Buffer, identity: unknown): Buffer;
  newTree(): Tree;
  addLeaf(tree: Tree, leaf: Uint8Array): void;
  rootOf(tree: Tree): Uint8Array;
  leafOf(log: string, line: object): Uint8Array;
}
export const smallVerifier = (await import(verifierPath)) as SmallVerifier;
