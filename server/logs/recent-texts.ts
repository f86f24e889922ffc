/**
 * Texts of care that were just stored, by their hash, so that who seals them need not read and open them again. Past the bound the oldest
 * are let go, and are read.
 */
export interface RecentTexts {
  put(recordId: string, hash: string, text: string): void;
  get(hash: string): string | undefined;
  drop(hash: string): void;
  /** Drops a record's texts: it has ended. */
  forget(recordId: string): void;
}

/** A few seconds of the most that a server takes in. */
const charactersMaxDefault = 64_000_000;

export const keepRecentTexts = (charactersMax = charactersMaxDefault): RecentTexts => {
  const texts = new Map<string, { recordId: string; text: string }>();
  let characters = 0;
  const drop = (hash: string): void => {
    const held = texts.get(hash);
    if (held === undefined) return;
    characters -= held.text.length;
    texts.delete(hash);
  };
  return {
    put: (recordId, hash, text) => {
      drop(hash);
      texts.set(hash, { recordId, text });
      characters += text.length;
      while (characters > charactersMax) drop(texts.keys().next().value!);
    },
    get: (hash) => texts.get(hash)?.text,
    drop,
    forget: (recordId) => {
      for (const [hash, held] of texts) if (held.recordId === recordId) drop(hash);
    },
  };
};
