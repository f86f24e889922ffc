/**
 * Merkle trees over a log, RFC 6962 §2.1. Hashes are 32 bytes of SHA-256, which whoever calls brings: this folder reaches no
 * platform.
 */

/** SHA-256 over the parts, one after the other. */
export type Hasher = (...parts: readonly Uint8Array[]) => Uint8Array;

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

export const leafHash = (hash: Hasher, leaf: Uint8Array): Uint8Array => hash(leafPrefix, leaf);
export const nodeHash = (hash: Hasher, left: Uint8Array, right: Uint8Array): Uint8Array =>
  hash(nodePrefix, left, right);

/**
 * What has to be kept of a tree to go on with it: the roots of its complete subtrees, largest first, one for each bit of its
 * size. Never changed in place.
 */
export interface Frontier {
  size: number;
  roots: readonly Uint8Array[];
}
export const emptyFrontier: Frontier = { size: 0, roots: [] };

/** The frontier with these leaf hashes after the others. */
export const extended = (hash: Hasher, { size, roots }: Frontier, leaves: Iterable<Uint8Array>): Frontier => {
  const grown = [...roots];
  let now = size;
  for (const leaf of leaves) {
    let top = leaf;
    // As many complete subtrees of the same size stand before it as the size has trailing ones.
    for (let rest = now; rest % 2 === 1; rest = (rest - 1) / 2) top = nodeHash(hash, grown.pop()!, top);
    grown.push(top);
    now += 1;
  }
  return { size: now, roots: grown };
};

/** The root of the tree; of an empty one the hash of nothing. */
export const rootOf = (hash: Hasher, { roots }: Frontier): Uint8Array =>
  roots.length === 0 ? hash() : roots.reduceRight((right, left) => nodeHash(hash, left, right));

/** The largest power of two below `size`, which is at least 2. */
const split = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));

/** Leaf hashes from `from` until before `to`. */
type Leaves = (from: number, to: number) => Frontier;

const subroot = (hash: Hasher, leaves: Leaves, from: number, to: number): Uint8Array => rootOf(hash, leaves(from, to));

/** RFC 6962 §2.1.1: what shows that leaf `index` is in the tree of `size` leaves. */
export const inclusionProof = (hash: Hasher, all: readonly Uint8Array[], index: number, size: number): Uint8Array[] => {
  assertWithin(index < size && size <= all.length, "index and size");
  const leaves: Leaves = (from, to) => extended(hash, emptyFrontier, all.slice(from, to));
  const path = (from: number, to: number): Uint8Array[] => {
    if (to - from === 1) return [];
    const middle = from + split(to - from);
    return index < middle
      ? [...path(from, middle), subroot(hash, leaves, middle, to)]
      : [...path(middle, to), subroot(hash, leaves, from, middle)];
  };
  return path(0, size);
};

/** Whether the proof leads from this leaf hash at `index` to the root of the tree of `size` leaves. */
export const provesInclusion = (
  hash: Hasher,
  leaf: Uint8Array,
  { index, size, proof, root }: { index: number; size: number; proof: readonly Uint8Array[]; root: Uint8Array },
): boolean => {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  let [node, last, at, used] = [leaf, size - 1, index, 0];
  for (; last > 0; at = half(at), last = half(last)) {
    // The last node of an odd row goes up as it is.
    if (at === last && at % 2 === 0) continue;
    const sibling = proof[used++];
    if (sibling === undefined) return false;
    node = at % 2 === 1 ? nodeHash(hash, sibling, node) : nodeHash(hash, node, sibling);
  }
  return used === proof.length && isEqual(node, root);
};

/**
 * RFC 6962 §2.1.2: what shows that the tree of `size` leaves began as the one whose frontier is `before`. `added` are the leaf
 * hashes since: nothing older is read.
 */
export const consistencyProof = (hash: Hasher, before: Frontier, added: readonly Uint8Array[]): Uint8Array[] => {
  const size = before.size + added.length;
  if (before.size === 0 || added.length === 0) return [];
  /** The subtree over [from, to): its complete parts within `before` are in its frontier, the rest in `added`. */
  const over = (from: number, to: number): Uint8Array => rootOf(hash, frontierOver(hash, before, added, from, to));
  const proof = (from: number, to: number, isWhole: boolean): Uint8Array[] => {
    if (before.size === to) return isWhole ? [] : [over(from, to)];
    const middle = from + split(to - from);
    return before.size <= middle
      ? [...proof(from, middle, isWhole), over(middle, to)]
      : [...proof(middle, to, false), over(from, middle)];
  };
  return proof(0, size, true);
};

/** Of a subtree that ends at or after `before.size`, or is one of its complete ones. */
const frontierOver = (
  hash: Hasher,
  before: Frontier,
  added: readonly Uint8Array[],
  from: number,
  to: number,
): Frontier => {
  const roots: Uint8Array[] = [];
  let start = 0;
  for (const [i, size] of subtreeSizes(before.size).entries()) {
    if (start >= from && start + size <= to) roots.push(before.roots[i]!);
    start += size;
  }
  const known = Math.max(from, Math.min(before.size, to));
  const frontier = { size: known - from, roots };
  return extended(hash, frontier, added.slice(known - before.size, Math.max(0, to - before.size)));
};

/** Of the complete subtrees of a tree, largest first. */
const subtreeSizes = (size: number): number[] => {
  const sizes: number[] = [];
  for (let bit = 2 ** 52, rest = size; rest > 0; bit /= 2)
    if (rest >= bit) {
      sizes.push(bit);
      rest -= bit;
    }
  return sizes;
};

/** Whether the proof shows that the tree of `size` with `root` began as that of `beforeSize` with `beforeRoot`. RFC 9162 §2.1.4.2. */
export const provesConsistency = (
  hash: Hasher,
  before: { size: number; root: Uint8Array },
  after: { size: number; root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean => {
  if (!isCount(before.size) || !isCount(after.size) || before.size > after.size) return false;
  if (before.size === after.size) return proof.length === 0 && isEqual(before.root, after.root);
  // Every tree begins as the empty one.
  if (before.size === 0) return proof.length === 0 && isEqual(before.root, hash());
  const path = Number.isInteger(Math.log2(before.size)) ? [before.root, ...proof] : [...proof];
  const first = path.shift();
  if (first === undefined) return false;
  let [at, last] = [before.size - 1, after.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [old, now] = [first, first];
  for (const node of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      old = nodeHash(hash, node, old);
      now = nodeHash(hash, node, now);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else now = nodeHash(hash, now, node);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isEqual(old, before.root) && isEqual(now, after.root);
};

/** Positions go beyond 2^31, where bitwise operators end. */
const half = (value: number): number => Math.floor(value / 2);
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

export const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

const assertWithin = (condition: boolean, what: string): void => {
  if (!condition) throw new RangeError(`${what} are outside of the tree.`);
};
