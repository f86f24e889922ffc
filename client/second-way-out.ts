import type { HeldEntry, ReplicaStore } from "#sync/store.ts";

/**
 * The second way out, in plain words and plain JSON: whoever finds the file can read it, and `entries` are the exact texts
 * that a server would have been sent. It holds a patient's data, so where it is kept is the crew's responsibility.
 */
interface KeptFile {
  holdfast: "file-to-keep";
  version: 1;
  deviceId: string;
  writtenAt: string;
  /** Canonical texts: what is not at the base, and what was asked for beside it. */
  entries: string[];
}

const entriesMax = 10_000;

/** Everything that waits or that only a standby has, one record and a text that was not saved. A store that cannot be read any more adds nothing. */
export const gatherToKeep = async (
  store: ReplicaStore,
  deviceId: string,
  also: { recordId?: string; text?: string },
  writtenAt: string,
): Promise<KeptFile> => {
  const waiting = await store.waiting({ entriesMax, bytesMax: 100_000_000 }).catch(() => []);
  const held = await heldTexts(store).catch(() => []);
  const record = also.recordId === undefined ? [] : await store.entriesOf(also.recordId).catch(() => []);
  const texts = new Set([...waiting, ...held, ...record].map(({ text }) => text));
  if (also.text !== undefined) texts.add(also.text);
  return { holdfast: "file-to-keep", version: 1, deviceId, writtenAt, entries: [...texts] };
};

const heldTexts = async (store: ReplicaStore): Promise<HeldEntry[]> => {
  if ((await store.counts()).held === 0) return [];
  const records = await store.records();
  const entries = await Promise.all(records.map(({ recordId }) => store.entriesOf(recordId)));
  return entries.flat().filter(({ state }) => state.at === "held");
};

/** Hands a text to the browser as a download. */
export const download = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the bytes once the click is handled; revoked in the same task, some have not.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
};
