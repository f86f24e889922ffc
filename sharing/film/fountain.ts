import { seededWords } from "./seeded.ts";

/**
 * A film's body in rows: first its blocks as they are, then as many sums of them as anybody asks for, each over a set of
 * blocks that the row's number alone decides. Any rows that are independent over GF(2), as many as there are blocks, give the
 * body back: of rows that were missed, none in particular is waited for.
 */

/** Which blocks a row is the sum of, as bits: block b is bit b % 32 of word b / 32. */
export const rowSet = (row: number, blocks: number): Uint32Array => {
  const words = new Uint32Array(Math.ceil(blocks / 32));
  if (row < blocks) {
    words[row >>> 5] = 1 << (row & 31);
    return words;
  }
  const next = seededWords(row);
  for (let w = 0; w < words.length; w++) words[w] = next();
  const last = blocks & 31;
  if (last !== 0) words[words.length - 1]! &= (1 << last) - 1;
  // A row of nothing would be a frame shown for nothing.
  if (words.every((word) => word === 0)) words[0] = 1;
  return words;
};

export const blocksIn = (bodyBytes: number, rowBytes: number): number => Math.max(1, Math.ceil(bodyBytes / rowBytes));

/** The bytes of one row, `rowBytes` long; the last block is filled up with zeros. */
export const rowOf = (body: Uint8Array, rowBytes: number, row: number): Uint8Array => {
  const set = rowSet(row, blocksIn(body.length, rowBytes));
  const sum = new Uint8Array(rowBytes);
  for (let b = lowestIn(set, 0); b >= 0; b = lowestIn(set, b + 1)) {
    const from = b * rowBytes;
    const until = Math.min(from + rowBytes, body.length);
    for (let at = from; at < until; at++) sum[at - from]! ^= body[at]!;
  }
  return sum;
};

interface Reduced {
  set: Uint32Array;
  bytes: Uint8Array;
}

/** Collects rows of one body until they give it. */
export class RowSolver {
  readonly blocks: number;
  private readonly bodyBytes: number;
  private readonly rowBytes: number;
  /** By the lowest block that the row still holds. */
  private readonly reduced = new Map<number, Reduced>();
  private readonly taken = new Set<number>();

  constructor(bodyBytes: number, rowBytes: number) {
    this.bodyBytes = bodyBytes;
    this.rowBytes = rowBytes;
    this.blocks = blocksIn(bodyBytes, rowBytes);
  }

  /** Independent rows so far; the body is there at `blocks`. */
  get rank(): number {
    return this.reduced.size;
  }

  /** True if the row says something new. */
  take(row: number, given: Uint8Array): boolean {
    if (given.length !== this.rowBytes) throw new RangeError(`a row has ${this.rowBytes} bytes`);
    if (this.taken.has(row)) return false;
    this.taken.add(row);
    const set = rowSet(row, this.blocks);
    const bytes = given.slice();
    for (let b = lowestIn(set, 0); b >= 0; b = lowestIn(set, b + 1)) {
      const known = this.reduced.get(b);
      if (known === undefined) {
        this.reduced.set(b, { set, bytes });
        return true;
      }
      addTo(set, known.set);
      addTo(bytes, known.bytes);
    }
    return false;
  }

  /** The body, once every block has a row; undefined before. */
  body(): Uint8Array | undefined {
    if (this.reduced.size < this.blocks) return undefined;
    const body = new Uint8Array(this.blocks * this.rowBytes);
    // From the last: what a row still sums up beyond its own block is solved by then.
    for (let b = this.blocks - 1; b >= 0; b--) {
      const { set, bytes } = this.reduced.get(b)!;
      const block = bytes.slice();
      for (let other = lowestIn(set, b + 1); other >= 0; other = lowestIn(set, other + 1))
        addTo(block, body.subarray(other * this.rowBytes, (other + 1) * this.rowBytes));
      body.set(block, b * this.rowBytes);
    }
    return body.subarray(0, this.bodyBytes);
  }
}

const addTo = (sum: Uint8Array | Uint32Array, other: Uint8Array | Uint32Array): void => {
  for (let i = 0; i < sum.length; i++) sum[i]! ^= other[i]!;
};

/** The lowest bit that is set, from `from` on; -1 for none. */
const lowestIn = (set: Uint32Array, from: number): number => {
  for (let w = from >>> 5; w < set.length; w++) {
    const word = w === from >>> 5 ? (set[w]! & (-1 << (from & 31))) >>> 0 : set[w]!;
    if (word !== 0) return w * 32 + (31 - Math.clz32(word & -word));
  }
  return -1;
};
