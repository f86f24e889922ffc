import type { Entry } from "./entry.ts";

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Display order: occurredAt, deviceId, n, and id so that it is total. Instants are UTC text of one length, so that the
 * autumn clock change cannot reorder them. Order is for the eye only: nothing is superseded by being earlier.
 */
export const byDisplayOrder = (a: Entry, b: Entry): number =>
  compare(a.occurredAt, b.occurredAt) || compare(a.deviceId, b.deviceId) || a.n - b.n || compare(a.id, b.id);

/**
 * Each id once, in display order. Two different entries with one id are an attack or a broken device (the server keeps
 * the first and quarantines the other); here one is picked by its content, so that the order of arrival decides nothing.
 */
export const uniqueInOrder = (entries: readonly Entry[]): Entry[] => {
  const byId = new Map<string, Entry>();
  for (const entry of entries) {
    const held = byId.get(entry.id);
    if (held === undefined || (held !== entry && JSON.stringify(entry) < JSON.stringify(held)))
      byId.set(entry.id, entry);
  }
  return [...byId.values()].sort(byDisplayOrder);
};
