import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  consistencyProof,
  emptyFrontier,
  extended,
  type Hasher,
  inclusionProof,
  leafHash,
  provesConsistency,
  provesInclusion,
  rootOf,
} from "./tree.ts";

const hash: Hasher = (...parts) => parts.reduce((sum, part) => sum.update(part), createHash("sha256")).digest();
const bytes = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const hex = (root: Uint8Array): string => Buffer.from(root).toString("hex");

/** The eight leaves, and the roots of the trees over the first n, of the Certificate Transparency project's own tests. */
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map(
  (each) => leafHash(hash, bytes(each)),
);
const roots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const treeOf = (all: readonly Uint8Array[]) => {
  const frontier = extended(hash, emptyFrontier, all);
  return { size: frontier.size, root: rootOf(hash, frontier), frontier };
};

test("roots are those of the published test vectors, also when a tree grows in steps", () => {
  for (const [size, root] of roots.entries()) expect(hex(treeOf(leaves.slice(0, size)).root)).toBe(root);
  let frontier = emptyFrontier;
  for (const leaf of leaves) frontier = extended(hash, frontier, [leaf]);
  expect(hex(rootOf(hash, frontier))).toBe(roots[8]);
});

const many = Array.from({ length: 70 }, (_, i) => leafHash(hash, Uint8Array.of(i)));
const flipped = (node: Uint8Array): Uint8Array => Uint8Array.from(node, (byte, i) => (i === 7 ? byte ^ 1 : byte));
/** Every way that a proof is most easily wrong. */
const spoiled = (proof: readonly Uint8Array[]): Uint8Array[][] => [
  [...proof, many[0]!],
  proof.slice(1),
  proof.slice(0, -1),
  ...proof.map((node, i) => proof.map((other, j) => (i === j ? flipped(node) : other))),
  [...proof].reverse(),
];

describe("inclusion", () => {
  test("is proved for every leaf of every tree of up to 70, and for no other leaf, place, size or proof", () => {
    for (let size = 1; size <= many.length; size++) {
      const { root } = treeOf(many.slice(0, size));
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(hash, many, index, size);
        const about = { index, size, proof, root };
        expect(provesInclusion(hash, many[index]!, about)).toBe(true);
        expect(provesInclusion(hash, flipped(many[index]!), about)).toBe(false);
        expect(provesInclusion(hash, many[index]!, { ...about, index: (index + 1) % (size + 1) })).toBe(false);
        expect(provesInclusion(hash, many[index]!, { ...about, root: flipped(root) })).toBe(false);
        for (const wrong of spoiled(proof))
          if (wrong.map(hex).join() !== proof.map(hex).join())
            expect(provesInclusion(hash, many[index]!, { ...about, proof: wrong })).toBe(false);
      }
    }
  });
});

describe("consistency", () => {
  test("is proved from every tree to every later one of up to 70, with what came since alone, and for no other", () => {
    for (let to = 0; to <= many.length; to++)
      for (let from = 0; from <= to; from++) {
        const [before, after] = [treeOf(many.slice(0, from)), treeOf(many.slice(0, to))];
        const proof = consistencyProof(hash, before.frontier, many.slice(from, to));
        const holds = (given = proof, b = before, a = after) => provesConsistency(hash, b, a, given);
        expect(holds(), `${from} to ${to}`).toBe(true);
        expect(holds(proof, { ...before, root: flipped(before.root) })).toBe(false);
        // Whatever comes, it began as nothing.
        if (from > 0) expect(holds(proof, before, { ...after, root: flipped(after.root) })).toBe(false);
        for (const wrong of spoiled(proof))
          if (wrong.map(hex).join() !== proof.map(hex).join()) expect(holds(wrong)).toBe(false);
      }
  });

  test("of a log in which anything before was changed is refused", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 9 }), fc.nat(), (from, more, which) => {
        const before = treeOf(many.slice(0, from));
        const forged = many.slice(0, from + more).map((leaf, i) => (i === which % from ? flipped(leaf) : leaf));
        const after = treeOf(forged);
        const honest = consistencyProof(hash, before.frontier, forged.slice(from));
        const own = consistencyProof(hash, treeOf(forged.slice(0, from)).frontier, forged.slice(from));
        for (const proof of [honest, own]) expect(provesConsistency(hash, before, after, proof)).toBe(false);
      }),
    );
  });

  test("holds for sizes beyond 2^31 and refuses nonsense", () => {
    const root = many[0]!;
    expect(provesConsistency(hash, { size: 2 ** 40, root }, { size: 2 ** 40, root }, [])).toBe(true);
    for (const size of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(provesConsistency(hash, { size, root }, { size: 8, root }, [root])).toBe(false);
      expect(provesInclusion(hash, root, { index: 0, size, proof: [], root })).toBe(false);
    }
  });

  test("is proved by nothing that is made up, whatever sizes, roots and nodes a forger chooses", () => {
    const known = [...many.slice(0, 8), ...[1, 2, 3, 7, 8, 31, 64].map((size) => treeOf(many.slice(0, size)).root)];
    const node = fc.oneof(fc.constantFrom(...known), fc.uint8Array({ minLength: 32, maxLength: 32 }));
    const size = fc.integer({ min: 0, max: 70 });
    fc.assert(
      fc.property(size, size, fc.array(node, { maxLength: 12 }), node, (from, to, proof, claimed) => {
        const [before, after] = [treeOf(many.slice(0, from)), treeOf(many.slice(0, to))];
        const isHonest = (root: Uint8Array, of: Uint8Array) => hex(root) === hex(of);
        // Of two roots one is the forger's own: no proof joins it to a tree that is another.
        if (from > 0 && from <= to) {
          if (!isHonest(claimed, before.root))
            expect(provesConsistency(hash, { size: from, root: claimed }, after, proof)).toBe(false);
          if (!isHonest(claimed, after.root))
            expect(provesConsistency(hash, before, { size: to, root: claimed }, proof)).toBe(false);
        }
        const about = { index: from, size: to, proof, root: after.root };
        if (from < to && !isHonest(claimed, many[from]!)) expect(provesInclusion(hash, claimed, about)).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });
});
