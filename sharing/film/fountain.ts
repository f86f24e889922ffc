import { addTimes, inverse } from "./field.ts";
import { seededWords } from "./seeded.ts";

/**
 * A film's body in rows: first its blocks as they are, then as many sums of them as anybody asks for, each with factors that
 * the row's number alone decides. Sums are over GF(256): as many rows as there are blocks give the body back, whichever they are,
 * but for one time in some 250 that takes one more. Of rows that were missed, none in particular is waited for.
 */

/** What a row takes each block times. */
export const rowFactors = (row: number, blocks: number): Uint8Array => {
  const factors = new Uint8Array(blocks);
  if (row < blocks) {
    factors[row] = 1;
    return factors;
  }
  const next = seededWords(row);
  for (let b = 0; b < blocks; b++) factors[b] = next() >>> 24;
  // A row of nothing would be a frame shown for nothing.
  if (factors.every((factor) => factor === 0)) factors[0] = 1;
  return factors;
};

export const blocksIn = (bodyBytes: number, rowBytes: number): number => Math.max(1, Math.ceil(bodyBytes / rowBytes));

/** The bytes of one row, `rowBytes` long; the last block is filled up with zeros. */
export const rowOf = (body: Uint8Array, rowBytes: number, row: number): Uint8Array => {
  const sum = new Uint8Array(rowBytes);
  for (const [b, factor] of rowFactors(row, blocksIn(body.length, rowBytes)).entries())
    addTimes(sum, body.subarray(b * rowBytes, (b + 1) * rowBytes), factor);
  return sum;
};

/** A row less what is known of it: factors for blocks from its own on, of which its own is 1. */
interface Reduced {
  factors: Uint8Array;
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
    const factors = rowFactors(row, this.blocks);
    const bytes = given.slice();
    for (let b = 0; b < this.blocks; b++) {
      const factor = factors[b]!;
      if (factor === 0) continue;
      const known = this.reduced.get(b);
      if (known === undefined) {
        this.reduced.set(b, { factors: times(factors, inverse(factor)), bytes: times(bytes, inverse(factor)) });
        return true;
      }
      addTimes(factors, known.factors, factor);
      addTimes(bytes, known.bytes, factor);
    }
    return false;
  }

  /** The body, once every block has a row; undefined before. */
  body(): Uint8Array | undefined {
    if (this.reduced.size < this.blocks) return undefined;
    const body = new Uint8Array(this.blocks * this.rowBytes);
    // From the last: what a row still sums up beyond its own block is solved by then.
    for (let b = this.blocks - 1; b >= 0; b--) {
      const { factors, bytes } = this.reduced.get(b)!;
      const block = bytes.slice();
      for (let other = b + 1; other < this.blocks; other++)
        addTimes(block, body.subarray(other * this.rowBytes, (other + 1) * this.rowBytes), factors[other]!);
      body.set(block, b * this.rowBytes);
    }
    return body.subarray(0, this.bodyBytes);
  }
}

const times = (bytes: Uint8Array, factor: number): Uint8Array => {
  const product = new Uint8Array(bytes.length);
  addTimes(product, bytes, factor);
  return product;
};
