import * as z from "zod/mini";
import { type EcgFile, type EcgLead, ecgGap } from "#monitoring/ecg-file.ts";
import { resampleEcg } from "#monitoring/resample.ts";
import { BitReader, BitWriter, readWave, writeWave } from "./rice.ts";

/** Rate of the copy in a film. The exact recording follows by the normal lane. */
export const filmEcgRate = 250;
/** Microvolts of one step of the copy. */
const stepMicrovolts = 10;
const secondsMax = 10;
const samplesMax = filmEcgRate * secondsMax;
const leadsMax = 16;

/** Limb leads that I and II give: the two fewer differences a beat has, the fewer frames. */
const derived: Record<string, (i: number, ii: number) => number> = {
  III: (i, ii) => ii - i,
  aVR: (i, ii) => -(i + ii) / 2,
  aVL: (i, ii) => i - ii / 2,
  aVF: (i, ii) => ii - i / 2,
};
/** A recorded limb lead further off than this, mV, says something that I and II do not: it goes itself. */
const derivedOffMax = 0.03;

const head = z.object({
  rate: z.number().check(z.positive(), z.maximum(filmEcgRate)),
  fromRate: z.number().check(z.positive(), z.maximum(100_000)),
  length: z.int().check(z.positive(), z.maximum(samplesMax)),
  seconds: z.number(),
  startsAt: z.optional(z.string().check(z.maxLength(30))),
  source: z.optional(z.string().check(z.maxLength(200))),
  filter: z.optional(z.string().check(z.maxLength(60))),
  sent: z.array(z.string().check(z.maxLength(12))).check(z.minLength(1), z.maxLength(leadsMax)),
  derived: z.array(z.string().check(z.maxLength(12))).check(z.maxLength(4)),
});

/** The copy as bytes: its head as JSON, a newline, then each lead as `writeWave` has it. */
export const packEcgCopy = (ecg: EcgFile): Uint8Array<ArrayBuffer> => {
  const cut = firstSeconds(ecg);
  const copy = resampleEcg(cut, filmEcgRate);
  const steps = copy.leads.slice(0, leadsMax).map(inSteps);
  const names = copy.leads.map(({ name }) => name);
  const mv = (name: string) => steps[names.indexOf(name)];
  const [i, ii] = [mv("I"), mv("II")];
  const isDerived = (name: string): boolean => {
    const make = Object.hasOwn(derived, name) ? derived[name] : undefined;
    const own = mv(name);
    if (make === undefined || own === undefined || i === undefined || ii === undefined) return false;
    const off = (derivedOffMax * 1000) / stepMicrovolts;
    return own.every((value, at) => {
      if (value === ecgGap || i[at] === ecgGap || ii[at] === ecgGap) return value === i[at] && value === ii[at];
      return Math.abs(make(i[at]!, ii[at]!) - value) <= off;
    });
  };
  const left = names.slice(0, leadsMax).filter(isDerived);
  const sent = names.slice(0, leadsMax).filter((name) => !left.includes(name));
  const about: z.infer<typeof head> = {
    rate: copy.samplesPerSecond,
    fromRate: ecg.samplesPerSecond,
    length: copy.samplesPerLead,
    seconds: ecg.samplesPerLead / ecg.samplesPerSecond,
    ...(ecg.startsAt !== undefined && { startsAt: ecg.startsAt }),
    ...(ecg.source !== undefined && { source: ecg.source }),
    ...(ecg.filter !== undefined && { filter: ecg.filter }),
    sent,
    derived: left,
  };
  const words = Array.from(`${JSON.stringify(about).replace(/[\u007f-\uffff]/g, "?")}\n`, (char) => char.charCodeAt(0));
  const waves = new BitWriter();
  for (const name of sent) writeWave(waves, mv(name)!);
  return Uint8Array.from([...words, ...waves.bytes]);
};

/** Reads a copy; it names itself one wherever it is drawn. Undefined for bytes that are none. */
export const unpackEcgCopy = (bytes: Uint8Array): EcgFile | undefined => {
  const end = bytes.indexOf(10);
  if (end < 0 || end > 2_000) return undefined;
  const about = readHead(String.fromCharCode(...bytes.subarray(0, end)));
  if (about === undefined) return undefined;
  const values = new Map<string, Int16Array>();
  const waves = new BitReader(bytes.subarray(end + 1));
  for (const name of about.sent) {
    const samples = new Int16Array(about.length);
    if (!readWave(waves, samples)) return undefined;
    values.set(name, samples);
  }
  if (!waves.isAtEnd) return undefined;
  const [i, ii] = [values.get("I"), values.get("II")];
  for (const name of about.derived) {
    const make = Object.hasOwn(derived, name) ? derived[name] : undefined;
    if (make === undefined || i === undefined || ii === undefined) return undefined;
    values.set(
      name,
      i.map((value, n) => (value === ecgGap || ii[n] === ecgGap ? ecgGap : Math.round(make(value, ii[n]!)))),
    );
  }
  return {
    samplesPerSecond: about.rate,
    samplesPerLead: about.length,
    ...(about.startsAt !== undefined && { startsAt: about.startsAt }),
    source: copyWords(about).slice(0, 200),
    filter: `${about.filter ?? "not stated"}; FILM COPY ${about.rate} Hz`.slice(-60),
    leads: [...values].map(
      ([name, samples]): EcgLead => ({ name, unitsPerMillivolt: 1000 / stepMicrovolts, zero: 0, samples }),
    ),
  };
};

/** What stands beside the copy. */
const copyWords = ({ rate, fromRate, length, seconds, derived: left, source }: z.infer<typeof head>): string =>
  [
    `Film copy at ${rate} Hz${fromRate > rate ? ` of a recording at ${fromRate} Hz` : ""}, in steps of ${stepMicrovolts} µV`,
    seconds > length / rate + 0.1 && `first ${(length / rate).toFixed(0)} s of ${seconds.toFixed(0)} s`,
    left.length > 0 && `${left.join(", ")} computed from I and II`,
    source,
  ]
    .filter(Boolean)
    .join(" · ");

const firstSeconds = (ecg: EcgFile): EcgFile => {
  const samplesPerLead = Math.min(ecg.samplesPerLead, Math.floor(ecg.samplesPerSecond * secondsMax));
  return {
    ...ecg,
    samplesPerLead,
    leads: ecg.leads.map((lead) => ({ ...lead, samples: lead.samples.subarray(0, samplesPerLead) })),
  };
};

const inSteps = ({ samples, zero, unitsPerMillivolt }: EcgLead): Int16Array =>
  samples.map((value) => {
    if (value === ecgGap) return ecgGap;
    const steps = Math.round(((value - zero) / unitsPerMillivolt) * (1000 / stepMicrovolts));
    return Math.max(-32767, Math.min(32767, steps));
  });

const readHead = (text: string): z.infer<typeof head> | undefined => {
  try {
    return head.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
