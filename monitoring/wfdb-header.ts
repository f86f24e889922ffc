/**
 * Reads a PhysioNet WFDB header (`.hea`): https://physionet.org/physiotools/wag/header-5.htm. Line 1 names the record; then
 * come one line a signal, or one line a segment; `#` starts a comment.
 */

/** Every way a WFDB record can be unreadable. `todo` says what to do about it and holds no data of the recording. */
export class WfdbError extends Error {
  readonly code: "header-unreadable" | "file-missing" | "format-unsupported" | "samples-missing" | "too-large";
  readonly todo: string;
  constructor(code: WfdbError["code"], message: string, todo: string) {
    super(`${message} ${todo}`);
    this.name = "WfdbError";
    this.code = code;
    this.todo = todo;
  }
}

export const wfdbLimits = {
  signalsMax: 64,
  segmentsMax: 10_000,
  samplesMax: 50_000_000,
  headerCharsMax: 1_000_000,
} as const;

/** One signal as its header line describes it. A sample is `(value - baseline) / gain` physical units. */
export interface WfdbSignalHeader {
  file: string;
  format: number;
  /** Digital units per physical unit. */
  gain: number;
  /** False where the header gave no gain or 0: `gain` is then WFDB's default of 200, and the amplitude is a guess. */
  calibrated: boolean;
  baseline: number;
  unit: string;
  adcZero: number;
  firstValue: number | null;
  /** Sum of all samples modulo 2^16, as a signed 16-bit number; null where the header has none. */
  checksum: number | null;
  name: string;
  /** Bytes before the first sample in `file`. */
  byteOffset: number;
}

export interface WfdbHeader {
  name: string;
  samplesPerSecond: number;
  /** Per signal; null where the header does not say. */
  samples: number | null;
  /** As written, local to the recorder: `10:44:18.529` and `04/05/2704` (day/month/year). */
  time: string | null;
  date: string | null;
  signals: WfdbSignalHeader[];
  /** Empty for an ordinary record. A segment named `~` holds nothing: a gap. */
  segments: { name: string; samples: number }[];
  comments: string[];
}

const unreadable = (what: string): WfdbError =>
  new WfdbError(
    "header-unreadable",
    `The header cannot be read: ${what}.`,
    "Choose the recording's .hea file as the device wrote it.",
  );

const whole = (text: string | undefined, what: string): number | null => {
  if (text === undefined) return null;
  if (!/^[+-]?\d+$/.test(text)) throw unreadable(`${what} is not a whole number`);
  return Number(text);
};

/** `86/mV`, `1.25(-100)/mmHg`, `200`, `2000` → gain, baseline, unit. */
const readGain = (text: string | undefined, adcZero: number) => {
  const match = /^([+-]?[\d.]+(?:e[+-]?\d+)?)?(?:\(([+-]?\d+)\))?(?:\/(\S+))?$/i.exec(text ?? "");
  if (!match) throw unreadable("a signal's gain");
  const gain = Number(match[1] ?? 0);
  if (!Number.isFinite(gain)) throw unreadable("a signal's gain");
  const calibrated = gain !== 0;
  return {
    gain: calibrated ? gain : 200,
    calibrated,
    baseline: match[2] === undefined ? adcZero : Number(match[2]),
    unit: match[3] ?? "mV",
  };
};

const readSignal = (line: string, index: number): WfdbSignalHeader => {
  const [file, format, gain, _resolution, zero, first, sum, _block, ...description] = line.split(/\s+/);
  const shape = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/.exec(format ?? "");
  if (file === undefined || !shape) throw unreadable(`signal ${index + 1}`);
  if ((shape[2] ?? "1") !== "1" || (shape[3] ?? "0") !== "0")
    throw new WfdbError(
      "format-unsupported",
      `Signal ${index + 1} has several samples a frame or a skew.`,
      "Export the recording with one sample a frame and no skew.",
    );
  const adcZero = whole(zero, "an ADC zero") ?? 0;
  return {
    file,
    format: Number(shape[1]),
    byteOffset: Number(shape[4] ?? 0),
    ...readGain(gain, adcZero),
    adcZero,
    firstValue: whole(first, "a first value"),
    checksum: whole(sum, "a checksum"),
    name: description.join(" ") || `signal ${index + 1}`,
  };
};

/** Parses the text of a `.hea` file. Throws {@link WfdbError}. */
export const parseWfdbHeader = (text: string): WfdbHeader => {
  if (text.length > wfdbLimits.headerCharsMax) throw unreadable("it is longer than any header");
  const all = text.split(/\r?\n/).map((line) => line.trim());
  const comments = all.filter((line) => line.startsWith("#")).map((line) => line.slice(1).trim());
  const [record, ...lines] = all.filter((line) => line !== "" && !line.startsWith("#"));
  const [nameAndSegments, signalCount, frequency, samples, time, date] = (record ?? "").split(/\s+/);
  const [name, segmentCount] = (nameAndSegments ?? "").split("/");
  const signalsTotal = whole(signalCount, "the number of signals");
  if (!name || signalsTotal === null || signalsTotal < 0) throw unreadable("its first line");
  // `1000`, `1000/500(10)`: only the sampling frequency matters here; the counter's is for the recorder's own clock.
  const samplesPerSecond = frequency === undefined ? 250 : Number(frequency.split("/")[0]);
  if (!(samplesPerSecond > 0)) throw unreadable("the sampling frequency");
  const segmentsTotal = whole(segmentCount, "the number of segments") ?? 0;
  const expected = segmentCount === undefined ? signalsTotal : segmentsTotal;
  if (lines.length < expected) throw unreadable(`it names ${expected} parts and lists ${lines.length}`);
  if (signalsTotal > wfdbLimits.signalsMax || segmentsTotal > wfdbLimits.segmentsMax)
    throw unreadable("too many parts");
  return {
    name,
    samplesPerSecond,
    samples: whole(samples, "the number of samples"),
    time: time ?? null,
    date: date ?? null,
    signals: segmentCount === undefined ? lines.slice(0, signalsTotal).map(readSignal) : [],
    segments: lines.slice(0, segmentCount === undefined ? 0 : segmentsTotal).map((line) => {
      const [segment, length] = line.split(/\s+/);
      const count = whole(length, "a segment's length");
      if (!segment || count === null || count < 0) throw unreadable("a segment");
      return { name: segment, samples: count };
    }),
    comments,
  };
};
