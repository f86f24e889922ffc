import { randomBytes } from "node:crypto";

/** After so long, or so many proofs, the next nonce begins. */
const turnMs = 60_000;
const proofsPerNonceMax = 20_000;
/** Nonces that are taken at once: the newest, and those before it for whoever had an answer a while ago. */
const noncesMax = 5;

interface Nonce {
  nonce: string;
  beganMs: number;
  /** `jti` of each proof that named it. */
  used: Set<string>;
}

export interface ProofNonces {
  newest(): string;
  /** Takes a proof's `jti` under the nonce it names. `stale`: not one of ours, or no more. */
  take(nonce: string, jti: string): "taken" | "replayed" | "stale";
  isStale(nonce: string): boolean;
}

/**
 * The nonces that a proof must name, and what was proved with each. They live in this process alone, so that what it
 * remembers of used proofs is complete: after a restart, or at another process, a proof is stale and its client makes
 * another. A nonce and its used proofs go together, so memory is bounded (100,000 of them) and nothing is ever half forgotten.
 * `nowMs` must not go back.
 */
export const createProofNonces = (nowMs: () => number): ProofNonces => {
  const nonces: Nonce[] = [];
  const current = (): Nonce => {
    const last = nonces.at(-1);
    if (last && nowMs() - last.beganMs < turnMs && last.used.size < proofsPerNonceMax) return last;
    const next = { nonce: randomBytes(16).toString("base64url"), beganMs: nowMs(), used: new Set<string>() };
    nonces.push(next);
    if (nonces.length > noncesMax) nonces.shift();
    return next;
  };
  const find = (nonce: string): Nonce | undefined =>
    nonces.find((each) => each.nonce === nonce && nowMs() - each.beganMs < turnMs * noncesMax);
  return {
    newest: () => current().nonce,
    isStale: (nonce) => find(nonce) === undefined,
    take: (nonce, jti) => {
      const named = find(nonce);
      if (named === undefined) return "stale";
      if (named.used.has(jti)) return "replayed";
      named.used.add(jti);
      return "taken";
    },
  };
};
