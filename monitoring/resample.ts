import { type EcgFile, type EcgLead, ecgGap } from "./ecg-file.ts";

/** Samples of the slower rate that the low-pass reaches to either side. */
const reach = 8;
/** Share of the slower rate's half that passes: the rest is where the filter falls. */
const passes = 0.9;

/**
 * The recording at a lower rate, low-passed so that nothing folds back. It is a copy to look at, and never the recording: whoever
 * draws it has to say so. One that is slow enough already comes back as it is. A sample whose neighbourhood was not recorded stays
 * a gap.
 */
export const resampleEcg = (ecg: EcgFile, samplesPerSecond: number): EcgFile => {
  if (ecg.samplesPerSecond <= samplesPerSecond) return ecg;
  const step = ecg.samplesPerSecond / samplesPerSecond;
  const samplesPerLead = Math.floor((ecg.samplesPerLead - 1) / step) + 1;
  return {
    ...ecg,
    samplesPerSecond,
    samplesPerLead,
    leads: ecg.leads.map((lead) => ({ ...lead, samples: resampled(lead, step, samplesPerLead) })),
  };
};

const resampled = ({ samples }: EcgLead, step: number, length: number): Int16Array => {
  const out = new Int16Array(length);
  for (let i = 0; i < length; i++) {
    const centre = i * step;
    if (samples[Math.round(centre)] === ecgGap) {
      out[i] = ecgGap;
      continue;
    }
    let sum = 0;
    let weights = 0;
    const until = Math.min(samples.length - 1, Math.floor(centre + reach * step));
    for (let at = Math.max(0, Math.ceil(centre - reach * step)); at <= until; at++) {
      const value = samples[at]!;
      if (value === ecgGap) continue;
      const weight = windowedSinc((at - centre) / step);
      sum += weight * value;
      weights += weight;
    }
    out[i] = Math.max(-32767, Math.min(32767, Math.round(sum / weights)));
  }
  return out;
};

/** `distance` in samples of the slower rate; a Hann window. */
const windowedSinc = (distance: number): number => {
  const x = Math.PI * distance * passes;
  const sinc = x === 0 ? 1 : Math.sin(x) / x;
  return sinc * 0.5 * (1 + Math.cos((Math.PI * distance) / reach));
};
