import { type EcgFile, EcgFileError, type EcgLead, ecgGap } from "./ecg-file.ts";
import { verifySignal, type WfdbRecord, type WfdbSignal } from "./wfdb.ts";

/** Lead names as printed. Other names are kept as the file has them. */
const leadNames = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6", "VX", "VY", "VZ"];
const printedName = (name: string): string =>
  leadNames.find((lead) => lead.toLowerCase() === name.toLowerCase()) ?? name.slice(0, 12);

/** How many of each electrical unit are one millivolt. */
const unitsInMillivolt: Record<string, number> = { mv: 1, uv: 1000, v: 0.001 };
const isEcg = (signal: WfdbSignal): boolean => Object.hasOwn(unitsInMillivolt, signal.unit.toLowerCase());

const leadOf = (signal: WfdbSignal, from: number, to: number): EcgLead => {
  const samples = signal.samples.slice(from, to);
  for (const gap of signal.gaps)
    for (let i = Math.max(gap.from, from); i < Math.min(gap.to, to); i++) samples[i - from] = ecgGap;
  return {
    name: printedName(signal.name),
    unitsPerMillivolt: signal.gain * unitsInMillivolt[signal.unit.toLowerCase()]!,
    zero: signal.baseline,
    samples,
  };
};

/**
 * The electrical leads of one segment (the longest with any, unless `segment` says which) as an ECG file; pressures and the
 * like are left behind. Without `fromSecond` and `seconds` every sample is kept, so first values and checksums stay the header's.
 * Throws {@link EcgFileError} `no-leads`, or `checksum-mismatch` where a lead is not what its header says.
 */
export const fromWfdb = (
  record: WfdbRecord,
  options: { startsAt?: string; source?: string; segment?: number; fromSecond?: number; seconds?: number } = {},
): EcgFile => {
  const candidates = record.segments.filter((segment) => segment.signals.some(isEcg));
  const longest = candidates.toSorted((a, b) => b.to - b.from - (a.to - a.from))[0];
  const segment = options.segment === undefined ? longest : record.segments[options.segment];
  const signals = segment?.signals.filter(isEcg) ?? [];
  if (!segment || signals.length === 0)
    throw new EcgFileError("no-leads", "The recording has no ECG lead.", "Choose another recording.");
  const damaged = signals.find((signal) => verifySignal(signal).length > 0);
  if (damaged)
    throw new EcgFileError(
      "checksum-mismatch",
      `Lead ${printedName(damaged.name)} is not what its header says.`,
      "Copy the recording from the device again, all files of it.",
    );
  const length = segment.to - segment.from;
  const from = Math.min(length, Math.round((options.fromSecond ?? 0) * record.samplesPerSecond));
  const to =
    options.seconds === undefined
      ? length
      : Math.min(length, from + Math.round(options.seconds * record.samplesPerSecond));
  return {
    samplesPerSecond: record.samplesPerSecond,
    samplesPerLead: to - from,
    ...(options.startsAt === undefined ? {} : { startsAt: options.startsAt }),
    source: options.source ?? `WFDB ${record.name}`,
    leads: signals.map((signal) => leadOf(signal, from, to)),
  };
};
