import { type DeviceIdentity, signerOf } from "#client/keys.ts";
import { browserClock, browserRandom, hashText } from "#client/ports.ts";
import type { PaperDraft } from "#domain/paper/entries.ts";
import { type ChainRun, headStatement } from "#protocol/push.ts";
import { type ChainEnd, chainStart, sealEntry } from "#sync/chain.ts";

/** Drafts as a run of this desk's chain in a record: a new one, or from `into` on. Rejects with a DraftRefused. */
export const signRun = async (
  identity: DeviceIdentity,
  drafts: readonly PaperDraft[],
  into?: { recordId: string; end: ChainEnd },
): Promise<ChainRun> => {
  const { deviceId } = identity;
  const recordId = into?.recordId ?? browserRandom.uuid();
  const sealing = { deviceId, clock: browserClock, random: browserRandom, hash: hashText, serverOffset: undefined };
  let end: ChainEnd = into?.end ?? chainStart;
  const entries: string[] = [];
  for (const draft of drafts) {
    const { text, hash } = await sealEntry({ recordId, ...draft }, end, sealing);
    entries.push(text);
    end = { n: end.n + 1, prev: hash };
  }
  const head = { n: end.n - 1, hash: end.prev! };
  const signature = await signerOf(identity).sign(headStatement({ deviceId, recordId, ...head }));
  return { deviceId, recordId, entries, head: { ...head, signature } };
};
