/** The field of 256 elements (x⁸ + x⁴ + x³ + x² + 1, generator 2), as Reed–Solomon codes use it: addition is XOR. */
const powers = new Uint8Array(510);
const logs = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power++) {
  powers[power] = powers[power + 255] = value;
  logs[value] = power;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}

/** For `factor` other than 0. */
export const inverse = (factor: number): number => powers[255 - logs[factor]!]!;

/** Adds `factor` times the bytes of `other` to those of `sum`, as far as `other` goes. */
export const addTimes = (sum: Uint8Array, other: Uint8Array, factor: number): void => {
  if (factor === 0) return;
  const log = logs[factor]!;
  for (let i = 0; i < other.length; i++) {
    const value = other[i]!;
    if (value !== 0) sum[i]! ^= powers[log + logs[value]!]!;
  }
};
