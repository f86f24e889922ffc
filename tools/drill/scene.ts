/** One thing that was measured. */
export interface Figure {
  what: string;
  value: number;
  unit: "s" | "ms" | "ratio" | "entries" | "lines" | "attempts" | "patients" | "files" | "tablets";
  /** At most this. Speed is the machine's: one that is missed is reported, and fails nothing. */
  atMost?: number;
}

/** What a scene found. Faults are what fails it: something lost, twice, altered, forged, let through or never done. */
export interface SceneResult {
  name: string;
  /** How long it took, s. */
  seconds: number;
  figures: Figure[];
  faults: string[];
  /** Why it was not played. */
  skipped?: string;
}

/** What a scene notes while it is played. */
export interface SceneNotes {
  figure(what: string, value: number, unit: Figure["unit"], atMost?: number): void;
  fault(words: string): void;
  faults(words: readonly string[]): void;
  skip(why: string): void;
}

/** Plays one scene. What it throws is a fault, named by its message alone. */
export const playScene = async (name: string, play: (notes: SceneNotes) => Promise<void>): Promise<SceneResult> => {
  const result: SceneResult = { name, seconds: 0, figures: [], faults: [] };
  const began = performance.now();
  try {
    await play({
      figure: (what, value, unit, atMost) =>
        void result.figures.push({ what, value: rounded(value), unit, ...(atMost !== undefined && { atMost }) }),
      fault: (words) => void result.faults.push(words),
      faults: (words) => void result.faults.push(...words),
      skip: (why) => {
        result.skipped = why;
      },
    });
  } catch (error) {
    result.faults.push(error instanceof Error ? error.message : String(error));
  }
  result.seconds = rounded((performance.now() - began) / 1_000);
  return result;
};

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Something that had to come never did. */
export class NeverCame extends Error {
  constructor(what: string, waitedMs: number) {
    super(`${what}: not after ${Math.round(waitedMs / 1_000)} s`);
    this.name = "NeverCame";
  }
}

/** Resolves to how long it took, s, once `isSo` says so; rejects with NeverCame. What it throws counts as no. */
export const until = async (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  longestMs: number,
  askEveryMs = 100,
): Promise<number> => {
  const began = performance.now();
  for (;;) {
    const is = await Promise.resolve()
      .then(isSo)
      .catch(() => false);
    const waited = performance.now() - began;
    if (is) return waited / 1_000;
    if (waited > longestMs) throw new NeverCame(what, waited);
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
};
