import type { Database, Sealed } from "./database.ts";
import { sealText, unsealText } from "./sealing.ts";
import { things } from "./things.ts";

/** Longest JSON of all that is half typed, characters; more is not kept. */
const draftsMax = 500_000;
/** What was typed is sealed on the disk this long after the last key. */
const sealAfterMs = 1_000;

/**
 * What is typed and not saved yet, by a name of its field. In memory while the tablet is unlocked; a lock, and a pause in
 * typing, seal it under the data key, and the next unlock brings it back. It is no entry: nothing of it is sent.
 */
export interface Drafts {
  get(name: string): unknown;
  /** `undefined` forgets it. The value must be JSON. */
  set(name: string, value: unknown): void;
}

export interface DraftKeeper extends Drafts {
  /** Before the screens are drawn. What does not open any more is left. */
  open(dataKey: CryptoKey): Promise<void>;
  /** Seals what there is and forgets it; rejects, having forgotten it all the same, when the store fails. */
  close(): Promise<void>;
}

export const createDrafts = (database: Database): DraftKeeper => {
  const values = new Map<string, unknown>();
  let key: CryptoKey | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const store = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const [text, by] = [JSON.stringify([...values]), key];
    if (by === undefined || text.length > draftsMax) return;
    await database.set(things.drafts, await sealText(by, things.drafts, text));
  };

  return {
    get: (name) => values.get(name),
    set(name, value) {
      if (key === undefined) return;
      if (value === undefined) {
        if (!values.delete(name)) return;
      } else values.set(name, value);
      clearTimeout(timer);
      // A store that fails shows itself at the next entry: what is half typed was never shown as saved.
      timer = setTimeout(() => void store().catch(() => {}), sealAfterMs);
    },
    async open(dataKey) {
      key = dataKey;
      values.clear();
      const sealed = await database.get<Sealed>(things.drafts);
      const text = sealed && (await unsealText(dataKey, things.drafts, sealed).catch(() => undefined));
      if (text === undefined) return;
      for (const [name, value] of JSON.parse(text) as [string, unknown][]) values.set(name, value);
    },
    async close() {
      const sealing = store();
      key = undefined;
      values.clear();
      await sealing;
    },
  };
};
