import { emptyFrontier, extended, type Frontier } from "#defence/log/tree.ts";
import { rootHex, sha256 } from "../archive/hashing.ts";
import type { Problems } from "./problems.ts";
import type { ProofHead } from "./proof-heads.ts";

/** A log's tree as its lines go by, compared with each head at its size. */
export interface HeadComparison {
  add(leaves: readonly Uint8Array[]): void;
  /** After the line `last`: the heads that the log agrees with, the shortest first. Adds what is wrong to the problems. */
  end(problems: Problems, last: number): ProofHead[];
}

/** `heads`: the shortest first. `isTrusted`: whose word counts for how far the log is as it was; asked of few heads. */
export const compareHeads = (heads: readonly ProofHead[], isTrusted: (head: ProofHead) => boolean): HeadComparison => {
  let frontier: Frontier = emptyFrontier;
  let next = 0;
  const good: ProofHead[] = [];
  const wrong: ProofHead[] = [];
  const compareHere = (): void => {
    while (heads[next]?.size === frontier.size) {
      const head = heads[next++]!;
      (rootHex(frontier) === head.root ? good : wrong).push(head);
    }
  };
  compareHere();
  return {
    add: (leaves) => {
      for (let from = 0; from < leaves.length; ) {
        const to = Math.min(leaves.length, from + (heads[next]?.size ?? Number.POSITIVE_INFINITY) - frontier.size);
        frontier = extended(sha256, frontier, leaves.slice(from, to));
        from = to;
        compareHere();
      }
    },
    end: (problems, last) => {
      const signed = wrong.find((head) => head.isSigned());
      const forged = wrong.concat(heads.slice(next)).filter((head) => !head.isSigned());
      if (signed !== undefined) {
        const after = good.findLast((head) => head.size < signed.size && isTrusted(head))?.size ?? 0;
        const other = good.find((head) => head.size === signed.size && head.isSigned());
        if (other !== undefined)
          problems.add(
            "split-view",
            null,
            null,
            `Two heads of ${signed.size} lines were signed, over different lines.`,
          );
        else {
          const words = `The lines are not those that the head of ${signed.size} lines was signed over.`;
          problems.add("rewritten", after + 1, last, words);
        }
      }
      const longest = heads.slice(next).findLast((head) => head.size > last && head.isSigned());
      if (longest !== undefined) {
        const words = `A head of ${longest.size} lines was signed, and the last line is ${last}.`;
        problems.add("rolled-back", last + 1, longest.size, words);
      }
      for (const { size } of forged.slice(0, 10))
        problems.add("other-signer", null, null, `A head of ${size} lines was signed by none of the log keys.`);
      return good;
    },
  };
};
