import { type ChainRun, headStatement } from "#protocol/push.ts";
import type { CheckedRun, Item } from "./decide.ts";
import { readEntry } from "./envelope.ts";

export type Verdict = "valid" | "invalid" | "unknown-device";
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
    const signed = verdict === "valid" && items.at(-1)!.hash === head.hash && firstN >= 1;
    const code = verdict === "unknown-device" ? "unknown-device" : signed ? undefined : "bad-signature";
    return { deviceId, recordId, items, signature: head.signature, code };
  };
  const verdict = verify(deviceId, headStatement({ deviceId, recordId, n: head.n, hash: head.hash }), head.signature);
  return typeof verdict === "string" ? checked(verdict) : verdict.then(checked);
};
