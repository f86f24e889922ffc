/**
 * Texts of care that were just stored, by their hash, so that who seals them need not read and open them again. Past the bound the oldest
 * are let go, and are read.
 */
export interface RecentTexts {
  put(hash: string, text: string): void;
  get(hash: string): string | undefined;
  drop(hash: string): void;
}

/** A few seconds of the most that a server takes in. */
const charactersMaxDefault = 64_000_000;

export const keepRecentTexts = (charactersMax = charactersMaxDefault): RecentTexts => {
  const texts = new Map<string, string>();
  let characters = 0;
  const drop = (hash: string): void => {
    const text = texts.get(hash);
    if (text === undefined) return;
    characters -= text.length;
    texts.delete(hash);
  };
  return {
    put: (hash, text) => {
      drop(hash);
      texts.set(hash, text);
      characters += text.length;
      while (characters > charactersMax) drop(texts.keys().next().value!);
    },
    get: (hash) => texts.get(hash),
    drop,
  };
};
