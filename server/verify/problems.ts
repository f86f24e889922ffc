import type { ProofKind, ProofProblem } from "#protocol/control/proof.ts";

/** Problems of a log as they are found; those of one kind on consecutive lines are one. */
export interface Problems {
  add(kind: ProofKind, from: number | null, to: number | null, words: string): void;
  /** The first line that is not as it was written; Infinity while none is known. */
  firstBad(): number;
  all(): ProofProblem[];
}

export const collectProblems = (): Problems => {
  const all: ProofProblem[] = [];
  let firstBad = Number.POSITIVE_INFINITY;
  return {
    add: (kind, from, to, words) => {
      firstBad = Math.min(firstBad, from ?? Number.POSITIVE_INFINITY);
      const last = all.at(-1);
      const goesOn = last?.kind === kind && last.words === words && last.to !== null && last.to + 1 === from;
      if (goesOn) last.to = to;
      else all.push({ kind, from, to, words });
    },
    firstBad: () => firstBad,
    all: () => all,
  };
};
