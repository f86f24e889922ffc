import type { Client } from "#client/client.ts";
import type { Draft } from "#sync/ports.ts";
import { NotSaved } from "#sync/replica.ts";
import type { HeldEntry } from "#sync/store.ts";

/** An entry that its author wrote and the store did not take. It stays in memory, on every screen, until it is saved. */
export interface Unsaved {
  draft: Draft;
  /** The entry's exact text, where it got so far: it can be sent past the store. */
  text: string | undefined;
}

/** Each client's own: what a practice did not save must never be saved as a real record's. */
const lists = new WeakMap<Client, readonly Unsaved[]>();
const none: readonly Unsaved[] = [];
const listeners = new Set<() => void>();
const change = (client: Client, next: readonly Unsaved[]): void => {
  lists.set(client, next);
  for (const listener of listeners) listener();
};

/** Made for `useSyncExternalStore`. */
export const subscribeUnsaved = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const unsaved = (client: Client): readonly Unsaved[] => lists.get(client) ?? none;

/** Saves a draft; what the store does not take is kept here, and undefined comes back. */
export const saveDraft = (client: Client, draft: Draft): Promise<HeldEntry | undefined> =>
  save(client, draft, undefined);

const save = async (client: Client, draft: Draft, text: string | undefined): Promise<HeldEntry | undefined> => {
  try {
    const { replica } = client;
    return text === undefined ? await replica.write(draft) : await replica.writeAgain(draft, text);
  } catch (error) {
    change(client, [...unsaved(client), { draft, text: error instanceof NotSaved ? error.text : undefined }]);
    return undefined;
  }
};

/** Tries again to save all of them. */
export const saveAgain = async (client: Client): Promise<void> => {
  const waiting = unsaved(client);
  change(client, []);
  for (const { draft, text } of waiting) await save(client, draft, text);
};

/** Sends them past this device's store; what the base took is no longer unsaved. */
export const sendPast = async (client: Client): Promise<void> => {
  for (const one of unsaved(client)) {
    const taken = one.text !== undefined && (await client.pushUnsaved(one.text).catch(() => false));
    if (taken)
      change(
        client,
        unsaved(client).filter((other) => other !== one),
      );
  }
};

const words: Record<string, string> = { "spo2-scale": "SpO₂ scale", ecg: "12-lead", prealert: "pre-alert" };
/** What it is in a word or two, so that the crew can write it elsewhere. */
export const unsavedWords = ({ draft }: Unsaved): string => {
  const { event, drug } = draft.body as { event?: unknown; drug?: unknown };
  if (typeof event === "string") return event;
  return typeof drug === "string" ? drug : (words[draft.kind] ?? draft.kind);
};
