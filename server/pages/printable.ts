/** Ranges that the page's font draws (Noto Sans: Latin, Greek, Cyrillic, punctuation, signs). */
const drawn =
  /[\n\u0020-\u007e\u00a0-\u052f\u1c80-\u1c88\u1d00-\u1fff\u2000-\u206f\u2070-\u209c\u20a0-\u20c0\u2100-\u214f\u2150-\u218b\u25cc\ufffd]/u;

/** Names the page's own characters where the font has a gap; a character it cannot draw must not vanish from a name. */
const instead: Record<string, string> = { "≥": ">=", "≤": "<=", "→": "->", "←": "<-", "✓": "yes", "\t": " " };

/** Text as the page can print it: what the font cannot draw is printed as its code, `[U+5C71]`. */
export const printable = (text: string): string => {
  let out = "";
  for (const character of text.normalize("NFC"))
    out += drawn.test(character) ? character : (instead[character] ?? codeOf(character));
  return out;
};

const codeOf = (character: string): string =>
  `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
