import * as z from "zod/mini";
import { ecgMime } from "#domain/ecg/ecg.ts";
import { checksum16 } from "./wfdb-samples.ts";

export { ecgMime };

/**
 * The project's own ECG blob: 8 bytes of magic, the length of the header (uint32, little endian), the header as ASCII JSON,
 * then every lead's samples as little-endian int16, one lead after another. Each lead's first value and checksum make a
 * decode prove itself, as in WFDB.
 */
const magic = [0x89, 0x48, 0x46, 0x45, 0x43, 0x47, 0x31, 0x0a]; // \x89 H F E C G 1 \n
/** Stands where nothing was recorded. It is never drawn, and never a value. */
export const ecgGap = -32768;

export const ecgLimits = {
  leadsMax: 32,
  samplesPerLeadMax: 5_000_000,
  bytesMax: 20_000_000,
  headerBytesMax: 64_000,
} as const;

export interface EcgLead {
  /** As printed: `I`, `aVR`, `V1`. */
  name: string;
  /** A sample is `(value - zero) / unitsPerMillivolt` millivolts. */
  unitsPerMillivolt: number;
  zero: number;
  /** `ecgGap` where nothing was recorded. */
  samples: Int16Array;
}

export interface EcgFile {
  samplesPerSecond: number;
  samplesPerLead: number;
  /** Instant of the first sample, UTC, where the recorder's clock is known. */
  startsAt?: string;
  /** What recorded or made it: a device, a file, a generator. */
  source?: string;
  /** Filter as the recorder names it; it is printed on the picture. */
  filter?: string;
  leads: EcgLead[];
}

export class EcgFileError extends Error {
  readonly code: "not-an-ecg" | "header-unreadable" | "cut-short" | "checksum-mismatch" | "too-large" | "no-leads";
  readonly todo: string;
  constructor(code: EcgFileError["code"], message: string, todo: string) {
    super(`${message} ${todo}`);
    this.name = "EcgFileError";
    this.code = code;
    this.todo = todo;
  }
}

const header = z.object({
  samplesPerSecond: z.number().check(z.positive(), z.maximum(100_000)),
  samplesPerLead: z.int().check(z.nonnegative(), z.maximum(ecgLimits.samplesPerLeadMax)),
  startsAt: z.optional(z.string().check(z.maxLength(30))),
  source: z.optional(z.string().check(z.maxLength(200))),
  filter: z.optional(z.string().check(z.maxLength(60))),
  leads: z
    .array(
      z.object({
        name: z.string().check(z.maxLength(12)),
        unitsPerMillivolt: z.number().check(z.positive()),
        zero: z.int(),
        firstValue: z.nullable(z.int()),
        checksum: z.int(),
      }),
    )
    .check(z.minLength(1), z.maxLength(ecgLimits.leadsMax)),
});

const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The blob's bytes; the same ECG gives the same bytes. Throws {@link EcgFileError} `no-leads` or `too-large`. */
export const encodeEcg = (ecg: EcgFile): Uint8Array<ArrayBuffer> => {
  const { leads, ...about } = ecg;
  if (leads.length === 0) throw new EcgFileError("no-leads", "The ECG has no leads.", "Record it again.");
  for (const lead of leads)
    if (lead.samples.length !== ecg.samplesPerLead) throw new RangeError(`lead ${lead.name} has another length`);
  const text = asciiJson({
    ...about,
    leads: leads.map(({ samples, ...lead }) => ({
      ...lead,
      firstValue: samples[0] ?? null,
      checksum: checksum16(samples),
    })),
  });
  const total = magic.length + 4 + text.length + leads.length * ecg.samplesPerLead * 2;
  if (total > ecgLimits.bytesMax || leads.length > ecgLimits.leadsMax || text.length > ecgLimits.headerBytesMax)
    throw new EcgFileError("too-large", "The ECG is too large to attach.", "Attach the part of it that matters.");
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(magic.length, text.length, true);
  let at = magic.length + 4;
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  for (const lead of leads)
    for (const sample of lead.samples) {
      view.setInt16(at, sample, true);
      at += 2;
    }
  return bytes;
};

const parseHeader = (text: string) => {
  try {
    const parsed = header.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // Not JSON at all: the same error says what to do.
  }
  throw new EcgFileError("header-unreadable", "The ECG's header cannot be read.", "Attach it again from the monitor.");
};

/** Reads and proves an ECG blob. Throws {@link EcgFileError}: a wrong sample anywhere is `checksum-mismatch`. */
export const decodeEcg = (bytes: Uint8Array): EcgFile => {
  const start = magic.length + 4;
  if (bytes.length < start || magic.some((byte, i) => bytes[i] !== byte))
    throw new EcgFileError("not-an-ecg", "This is not an ECG of Holdfast.", "Choose the monitor's own file instead.");
  if (bytes.length > ecgLimits.bytesMax)
    throw new EcgFileError(
      "too-large",
      "The ECG is larger than any this version reads.",
      "Attach the part that matters.",
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(magic.length, true);
  const cutShort = new EcgFileError("cut-short", "The ECG is not complete.", "Wait for the rest, or attach it again.");
  if (headerBytes > ecgLimits.headerBytesMax || start + headerBytes > bytes.length) throw cutShort;
  const { leads, samplesPerSecond, samplesPerLead, startsAt, source, filter } = parseHeader(
    String.fromCharCode(...bytes.subarray(start, start + headerBytes)),
  );
  if (bytes.length !== start + headerBytes + leads.length * samplesPerLead * 2) throw cutShort;
  let at = start + headerBytes;
  return {
    samplesPerSecond,
    samplesPerLead,
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(source === undefined ? {} : { source }),
    ...(filter === undefined ? {} : { filter }),
    leads: leads.map(({ firstValue, checksum, ...lead }) => {
      const samples = new Int16Array(samplesPerLead);
      for (let i = 0; i < samplesPerLead; i++, at += 2) samples[i] = view.getInt16(at, true);
      if ((samples[0] ?? null) !== firstValue || checksum16(samples) !== checksum)
        throw new EcgFileError(
          "checksum-mismatch",
          `Lead ${lead.name} is damaged.`,
          "Do not read it; attach the ECG again.",
        );
      return { ...lead, samples };
    }),
  };
};
