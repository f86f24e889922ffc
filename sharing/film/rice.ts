/**
 * Samples of a wave in few bits, without loss: in blocks, each as what the samples are off a line drawn through those before
 * them. A block begins with the order of that line (2 bits) and the Rice parameter (4 bits) that make it shortest.
 */
const blockSamples = 32;
const ordersMax = 3;
const parameterMax = 15;
/** A quotient this long is no quotient: the value follows as it is. */
const quotientMax = 24;
const escapedBits = 20;

/** What a line of this order makes of the samples before place `at`; beyond the first there is nothing. */
const lineAt = (samples: Int16Array, at: number, order: number): number => {
  const before = (back: number): number => (at >= back ? samples[at - back]! : 0);
  if (order === 0) return 0;
  if (order === 1) return before(1);
  if (order === 2) return 2 * before(1) - before(2);
  return 3 * before(1) - 3 * before(2) + before(3);
};

const zigzag = (value: number): number => (value >= 0 ? 2 * value : -2 * value - 1);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

const bitsOf = (value: number, parameter: number): number => {
  const quotient = value >>> parameter;
  return quotient < quotientMax ? quotient + 1 + parameter : quotientMax + escapedBits;
};

export class BitWriter {
  readonly bytes: number[] = [];
  private left = 0;

  /** The lowest `count` bits of a value, the highest of them first. */
  write(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      if (this.left === 0) {
        this.bytes.push(0);
        this.left = 8;
      }
      this.left--;
      if ((value >>> bit) & 1) this.bytes[this.bytes.length - 1]! |= 1 << this.left;
    }
  }
}

export class BitReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Undefined past the end. */
  read(count: number): number | undefined {
    if (this.at + count > this.bytes.length * 8) return undefined;
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.at++)
      value = value * 2 + ((this.bytes[this.at >>> 3]! >>> (7 - (this.at & 7))) & 1);
    return value;
  }

  /** Whether all that is left is what fills up the last byte. */
  get isAtEnd(): boolean {
    return this.bytes.length * 8 - this.at < 8;
  }
}

export const writeWave = (out: BitWriter, samples: Int16Array): void => {
  for (let from = 0; from < samples.length; from += blockSamples) {
    const places = Array.from({ length: Math.min(blockSamples, samples.length - from) }, (_, i) => from + i);
    let best = { bits: Number.POSITIVE_INFINITY, order: 0, parameter: 0, values: [] as number[] };
    for (let order = 0; order <= ordersMax; order++) {
      const values = places.map((at) => zigzag(samples[at]! - lineAt(samples, at, order)));
      for (let parameter = 0; parameter <= parameterMax; parameter++) {
        const bits = values.reduce((sum, value) => sum + bitsOf(value, parameter), 0);
        if (bits < best.bits) best = { bits, order, parameter, values };
      }
    }
    out.write(best.order, 2);
    out.write(best.parameter, 4);
    for (const value of best.values) {
      const quotient = value >>> best.parameter;
      if (quotient >= quotientMax) {
        out.write(2 ** quotientMax - 1, quotientMax);
        out.write(value, escapedBits);
      } else {
        out.write(2 ** (quotient + 1) - 2, quotient + 1);
        out.write(value, best.parameter);
      }
    }
  }
};

/** Fills `samples`; false where the bits end too soon, or name no sample. */
export const readWave = (bits: BitReader, samples: Int16Array): boolean => {
  for (let from = 0; from < samples.length; from += blockSamples) {
    const order = bits.read(2);
    const parameter = bits.read(4);
    if (order === undefined || parameter === undefined) return false;
    for (let at = from; at < Math.min(from + blockSamples, samples.length); at++) {
      const value = readValue(bits, parameter);
      if (value === undefined) return false;
      const sample = lineAt(samples, at, order) + unzigzag(value);
      if (sample < -32_768 || sample > 32_767) return false;
      samples[at] = sample;
    }
  }
  return true;
};

const readValue = (bits: BitReader, parameter: number): number | undefined => {
  let quotient = 0;
  for (; quotient < quotientMax; quotient++) {
    const bit = bits.read(1);
    if (bit === undefined) return undefined;
    if (bit === 0) break;
  }
  if (quotient === quotientMax) return bits.read(escapedBits);
  const rest = bits.read(parameter);
  return rest === undefined ? undefined : quotient * 2 ** parameter + rest;
};
