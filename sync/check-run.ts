import { type ChainRun, headStatement } from "#protocol/push.ts";
import type { CheckedRun, Item } from "./decide.ts";
import { readEntry } from "./envelope.ts";

/**
 * `revoked-device`: the signature is right, and the trust takes the device's word no more until somebody releases it.
 * `awaiting-check`: it is right, and of a paper form that a second person has not checked yet.
 */
export type Verdict = "valid" | "invalid" | "unknown-device" | "revoked-device" | "awaiting-check";
export type VerifySignature = (deviceId: string, statement: string, signature: string) => Verdict | Promise<Verdict>;

/** Hashes and reads a run's entries and checks the signature of its head, once, before it queues. */
export const checkRun = (
  run: ChainRun,
  hash: (text: string) => string,
  verify: VerifySignature,
): CheckedRun | Promise<CheckedRun> => {
  const { deviceId, recordId, head } = run;
  const firstN = head.n - run.entries.length + 1;
  const items: Item[] = run.entries.map((text, i) => {
    const { entry, code, prev } = readEntry(text);
    return { text, hash: hash(text), n: firstN + i, entry, code, prev };
  });
  const checked = (verdict: Verdict): CheckedRun => {
    const covers = items.at(-1)!.hash === head.hash && firstN >= 1;
    return { deviceId, recordId, items, signature: head.signature, code: codeOf(verdict, covers) };
  };
  const verdict = verify(deviceId, headStatement({ deviceId, recordId, n: head.n, hash: head.hash }), head.signature);
  return typeof verdict === "string" ? checked(verdict) : verdict.then(checked);
};

/** `covers`: the signature is over the run's last entry. */
const codeOf = (verdict: Verdict, covers: boolean): CheckedRun["code"] => {
  if (verdict === "unknown-device") return verdict;
  if (verdict === "invalid" || !covers) return "bad-signature";
  return verdict === "valid" ? undefined : verdict;
};
