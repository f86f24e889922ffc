import type { KeyObject } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { ProvedLog } from "#protocol/control/proof.ts";

const pathOf = (name: string): string => fileURLToPath(new URL(`../../verifier/${name}`, import.meta.url));
/** The verifiers, which have no types because they have nothing of this project's: of archives, of evidence packs, what both read. */
export const verifierPath = pathOf("holdfast-verify.mjs");
export const packVerifierPath = pathOf("holdfast-evidence.mjs");
export const sharedVerifierPath = pathOf("holdfast-heads.mjs");

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
export const smallVerifier = {
  ...(await import(sharedVerifierPath)),
  ...(await import(verifierPath)),
} as SmallVerifier;

interface PackParts {
  logKeys: readonly KeyObject[];
  witnesses: readonly unknown[];
  heads(trusted: readonly unknown[]): unknown[];
}
/** Throws for a pack that is not good; otherwise what it says. */
export const { verifyPack } = (await import(packVerifierPath)) as {
  verifyPack(path: string, parts: PackParts): { nothingWrong: boolean; logs: ProvedLog[]; files: number };
};
