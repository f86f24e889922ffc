import { WfdbError } from "./wfdb-header.ts";

/** Reads the interleaved samples of one signal file; `signal` counts among the signals of that file. */
interface SampleFormat {
  /** The value that stands for "no sample" (WFDB signal(5)). */
  invalid: number;
  /** Bytes that `count` samples take. */
  bytes(count: number): number;
  read(bytes: Uint8Array, at: number): number;
}

const signed12 = (value: number): number => (value > 2047 ? value - 4096 : value);

export const sampleFormats: Readonly<Record<number, SampleFormat>> = {
  /** Little-endian two's complement. */
  16: {
    invalid: -32768,
    bytes: (count) => count * 2,
    read: (bytes, at) => ((bytes[at * 2]! | (bytes[at * 2 + 1]! << 8)) << 16) >> 16,
  },
  /** Offset binary: 128 is zero. */
  80: { invalid: -128, bytes: (count) => count, read: (bytes, at) => bytes[at]! - 128 },
  /** Pairs of 12-bit two's complement in three bytes; the middle byte holds both high nibbles. */
  212: {
    invalid: -2048,
    bytes: (count) => Math.ceil((count * 3) / 2),
    read: (bytes, at) => {
      const base = (at >> 1) * 3;
      const middle = bytes[base + 1]!;
      return at % 2 === 0
        ? signed12(bytes[base]! | ((middle & 0x0f) << 8))
        : signed12(bytes[base + 2]! | ((middle & 0xf0) << 4));
    },
  },
};

/** Takes every `of`th sample from `signal` on. Throws {@link WfdbError} where the file is too short. */
export const decodeSamples = (
  bytes: Uint8Array,
  format: number,
  place: { signal: number; of: number; samples: number; byteOffset: number },
): Int16Array => {
  const reader = sampleFormats[format];
  if (!reader)
    throw new WfdbError(
      "format-unsupported",
      `Signal format ${format} is not one this version reads.`,
      "Export the recording in WFDB format 16, 80 or 212.",
    );
  const data = bytes.subarray(place.byteOffset);
  if (data.length < reader.bytes(place.samples * place.of))
    throw new WfdbError(
      "samples-missing",
      "The signal file is shorter than its header says.",
      "Copy the recording from the device again, all files of it.",
    );
  const samples = new Int16Array(place.samples);
  for (let i = 0; i < place.samples; i++) samples[i] = reader.read(data, i * place.of + place.signal);
  return samples;
};

/** WFDB's checksum: the sum of all samples modulo 2^16, as a signed 16-bit number. */
export const checksum16 = (samples: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum = (sum + samples[i]!) & 0xffff;
  return (sum << 16) >> 16;
};
