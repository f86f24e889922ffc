import type { Session } from "./session.ts";

const dayMs = 86_400_000;

/**
 * Removes closed records whose every entry the base acknowledged long enough ago, by the server's clock at both ends: a
 * device's own clock would, ten years wrong, empty the store. The newest entry of its own chain stays, because a later
 * write has to continue it.
 */
export const evictOld = async (session: Session): Promise<void> => {
  if (!session.server || !session.serverTimeMs) return;
  const before = session.serverTimeMs - session.limits.keepDays * dayMs;
  for (const record of await session.store.records()) {
    if (record.open || session.followed.has(record.recordId)) continue;
    const entries = await session.store.entriesOf(record.recordId);
    const settled = entries.every(
      ({ state }) =>
        (state.at === "acknowledged" || (state.at === "foreign" && !state.lacked)) &&
        state.since !== undefined &&
        Date.parse(state.since) < before,
    );
    if (!settled) continue;
    const own = entries.filter((e) => e.deviceId === session.signer.deviceId).sort((a, b) => a.n - b.n);
    const keepIds = own.slice(-1).map((e) => e.id);
    // A store that will not let it go yet, because of a blob for example, keeps no other record.
    if (entries.length > keepIds.length) await session.store.evict(record.recordId, keepIds).catch(() => {});
  }
};

/**
 * The record has ended at the base, and so does this copy. Not while somebody has it open, nor before the base has everything of
 * it: the next heartbeat that names it brings it up again. No entry stays to continue the chain: nobody writes in it any more.
 */
export const dropDisposed = async (session: Session, recordId: string): Promise<void> => {
  if (session.followed.has(recordId)) return;
  const entries = await session.store.entriesOf(recordId);
  if (entries.some(({ state }) => state.at === "foreign" && state.lacked)) return;
  // The store refuses while the record is open, or something of it waits.
  await session.store.evict(recordId, []).then(
    () => session.tell({ type: "entries", recordId }),
    () => {},
  );
};
