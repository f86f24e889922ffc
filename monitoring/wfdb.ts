import { parseWfdbHeader, WfdbError, type WfdbHeader, type WfdbSignalHeader, wfdbLimits } from "./wfdb-header.ts";
import { checksum16, decodeSamples, sampleFormats } from "./wfdb-samples.ts";

export { WfdbError };

/** Sample indexes `from` (inclusive) to `to` (exclusive) at which nothing was recorded. */
export interface Gap {
  from: number;
  to: number;
}

export interface WfdbSignal extends WfdbSignalHeader {
  /** As the file holds them. What lies in a gap is the format's code for "no sample": never read it as a value. */
  samples: Int16Array;
  gaps: Gap[];
}

/** A run of samples with one set of signals; no signals means that nothing was recorded. */
export interface WfdbSegment {
  /** Sample indexes within the record. */
  from: number;
  to: number;
  signals: WfdbSignal[];
}

export interface WfdbRecord {
  name: string;
  samplesPerSecond: number;
  /** Length of the whole record, samples per signal. */
  samples: number;
  time: string | null;
  date: string | null;
  comments: string[];
  /** One for an ordinary record; in time order, without holes. */
  segments: WfdbSegment[];
}

/** Gives the bytes of one of the record's files by its name, or undefined. */
export type WfdbFiles = (fileName: string) => Uint8Array | undefined;

const textOf = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};

const fileOf = (files: WfdbFiles, name: string): Uint8Array => {
  const bytes = files(name);
  if (bytes) return bytes;
  throw new WfdbError(
    "file-missing",
    `The recording's file ${name} is missing.`,
    "Choose all files of the recording together.",
  );
};

const gapsOf = (samples: Int16Array, invalid: number): Gap[] => {
  const gaps: Gap[] = [];
  for (let i = 0; i < samples.length; i++) {
    if (samples[i] !== invalid) continue;
    const last = gaps.at(-1);
    if (last?.to === i) last.to = i + 1;
    else gaps.push({ from: i, to: i + 1 });
  }
  return gaps;
};

/** Length in samples of a file whose header leaves it out. */
const samplesIn = (header: WfdbHeader, files: WfdbFiles): number => {
  const first = header.signals[0];
  if (!first) return 0;
  const sharing = header.signals.filter((signal) => signal.file === first.file).length;
  const perSample = sampleFormats[first.format]?.bytes(2) ?? 4;
  return Math.floor(((fileOf(files, first.file).length - first.byteOffset) * 2) / perSample / sharing);
};

const readSignals = (header: WfdbHeader, samples: number, files: WfdbFiles): WfdbSignal[] =>
  header.signals.map((signal, index) => {
    const sharing = header.signals.filter((other) => other.file === signal.file);
    const decoded = decodeSamples(fileOf(files, signal.file), signal.format, {
      signal: header.signals.slice(0, index).filter((other) => other.file === signal.file).length,
      of: sharing.length,
      samples,
      byteOffset: signal.byteOffset,
    });
    return { ...signal, samples: decoded, gaps: gapsOf(decoded, sampleFormats[signal.format]!.invalid) };
  });

/**
 * Reads a whole record, one segment or many, from the text of its `.hea` file and the files that it names. The layout segment
 * of a multi-segment record (length 0) only lists signals, so it is passed over. Throws {@link WfdbError}.
 */
export const readWfdb = (headerBytes: Uint8Array, files: WfdbFiles): WfdbRecord => {
  const header = parseWfdbHeader(textOf(headerBytes));
  const about = {
    name: header.name,
    samplesPerSecond: header.samplesPerSecond,
    time: header.time,
    date: header.date,
    comments: header.comments,
  };
  const parts =
    header.segments.length > 0
      ? header.segments.filter((segment) => segment.samples > 0)
      : [{ name: "", samples: header.samples ?? samplesIn(header, files) }];
  const samples = parts.reduce((sum, part) => sum + part.samples, 0);
  if (samples * Math.max(1, header.signals.length) > wfdbLimits.samplesMax)
    throw new WfdbError("too-large", "The recording is too long.", "Cut it to the part that matters and attach that.");
  let from = 0;
  const segments = parts.map((part): WfdbSegment => {
    const place = { from, to: from + part.samples };
    from = place.to;
    if (part.name === "~") return { ...place, signals: [] };
    const own = part.name === "" ? header : parseWfdbHeader(textOf(fileOf(files, `${part.name}.hea`)));
    if (own.samplesPerSecond !== header.samplesPerSecond)
      throw new WfdbError(
        "format-unsupported",
        "A segment has another sampling rate.",
        "Export the recording as one segment.",
      );
    return { ...place, signals: readSignals(own, part.samples, files) };
  });
  return { ...about, samples, segments };
};

/**
 * What the header says against what was decoded; empty when the decode proves itself. A header without a first value or a
 * checksum proves nothing about it.
 */
export const verifySignal = (signal: WfdbSignal): ("first-value" | "checksum")[] => {
  const wrong: ("first-value" | "checksum")[] = [];
  if (signal.firstValue !== null && signal.samples.length > 0 && signal.samples[0] !== signal.firstValue)
    wrong.push("first-value");
  if (signal.checksum !== null && checksum16(signal.samples) !== (signal.checksum << 16) >> 16) wrong.push("checksum");
  return wrong;
};
