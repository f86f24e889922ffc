import type { EcgFile, EcgLead } from "#monitoring/ecg-file.ts";
import { seededRandom } from "./random.ts";
import type { EcgPicture } from "./story.ts";

/** One deflection: millivolts at its peak, where the peak lies after the beat's start, how wide it is (standard deviation). */
type Wave = readonly [millivolts: number, atSecond: number, widthSeconds: number];

interface Shape {
  beatsPerMinute: number;
  i: Wave[];
  ii: Wave[];
  chest: [Wave[], Wave[], Wave[], Wave[], Wave[], Wave[]];
}

const complex = (p: number, q: number, r: number, s: number, st: number, t: number): Wave[] => [
  [p, 0.1, 0.022],
  [q, 0.215, 0.009],
  [r, 0.24, 0.011],
  [s, 0.268, 0.011],
  [st, 0.36, 0.05],
  [t, 0.46, 0.042],
];

const shapes: Record<EcgPicture, Shape> = {
  "sinus-rhythm": {
    beatsPerMinute: 58,
    i: complex(0.08, -0.04, 0.6, -0.08, 0, 0.2),
    ii: complex(0.14, -0.06, 1.0, -0.15, 0, 0.3),
    chest: [
      complex(0.06, 0, 0.2, -0.9, 0.02, -0.05),
      complex(0.07, 0, 0.4, -1.2, 0.05, 0.35),
      complex(0.07, 0, 0.8, -0.8, 0.04, 0.4),
      complex(0.08, -0.05, 1.2, -0.5, 0.02, 0.4),
      complex(0.08, -0.08, 1.3, -0.25, 0, 0.35),
      complex(0.08, -0.08, 1.0, -0.1, 0, 0.28),
    ],
  },
  /** Elevation in II, III and aVF follows from the two limb leads: III is II − I, and aVL, I − II/2, goes down. */
  "inferior-stemi": {
    beatsPerMinute: 92,
    i: complex(0.07, -0.03, 0.5, -0.1, -0.12, -0.05),
    ii: complex(0.13, -0.12, 0.75, -0.05, 0.26, 0.34),
    chest: [
      complex(0.05, 0, 0.2, -0.8, 0.02, 0.05),
      complex(0.06, 0, 0.35, -1.1, -0.14, 0.15),
      complex(0.06, 0, 0.7, -0.7, -0.12, 0.2),
      complex(0.07, -0.04, 1.0, -0.5, -0.05, 0.25),
      complex(0.07, -0.07, 1.1, -0.2, 0.02, 0.28),
      complex(0.07, -0.07, 0.9, -0.1, 0.06, 0.25),
    ],
  },
};

const samplesPerSecond = 500;
const seconds = 10;
const unitsPerMillivolt = 1000;

const millivoltsAt = (waves: readonly Wave[], sinceBeat: number): number =>
  waves.reduce((sum, [peak, at, width]) => sum + peak * Math.exp(-((sinceBeat - at) ** 2) / (2 * width ** 2)), 0);

/**
 * A twelve-lead ECG of nobody: sums of bell curves, with a little noise and wandering baseline. It looks like its name and is
 * fit for a demonstration only, which its source says.
 */
export const generateEcg = (picture: EcgPicture, startsAt: string, seed: number): EcgFile => {
  const random = seededRandom(seed);
  const shape = shapes[picture];
  const count = samplesPerSecond * seconds;
  // The rhythm breathes by a few hundredths, or the trace looks drawn with a stamp.
  const beats: number[] = [];
  for (let at = -random() * 0.5; at < seconds; at += (60 / shape.beatsPerMinute) * (0.98 + random() * 0.04))
    beats.push(at);
  const trace = (waves: readonly Wave[]): number[] => {
    const phase = random() * 6;
    return Array.from({ length: count }, (_, k) => {
      const second = k / samplesPerSecond;
      const beat = beats.reduce(
        (sum, start) => sum + (Math.abs(second - start) < 1 ? millivoltsAt(waves, second - start) : 0),
        0,
      );
      return beat + 0.03 * Math.sin(second * 1.7 + phase) + 0.012 * (random() - 0.5);
    });
  };
  const i = trace(shape.i);
  const ii = trace(shape.ii);
  const limb = (of: (i: number, ii: number) => number) => i.map((value, k) => of(value, ii[k]!));
  const leads: [string, number[]][] = [
    ["I", i],
    ["II", ii],
    ["III", limb((one, two) => two - one)],
    ["aVR", limb((one, two) => -(one + two) / 2)],
    ["aVL", limb((one, two) => one - two / 2)],
    ["aVF", limb((one, two) => two - one / 2)],
    ...shape.chest.map((waves, k): [string, number[]] => [`V${k + 1}`, trace(waves)]),
  ];
  return {
    samplesPerSecond,
    samplesPerLead: count,
    startsAt,
    source: "Demonstration generator, not a patient",
    filter: "none, synthetic",
    leads: leads.map(
      ([name, millivolts]): EcgLead => ({
        name,
        unitsPerMillivolt,
        zero: 0,
        samples: Int16Array.from(millivolts, (value) => Math.round(value * unitsPerMillivolt)),
      }),
    ),
  };
};
