/**
 * What the page's font draws (Noto Sans: Latin, Greek, Cyrillic, Devanagari, punctuation and signs), as ranges of its
 * character map without invisible and direction-changing characters.
 */
const drawn =
  /[\n\u0020-\u007e\u00a0-\u0377\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03e1\u03f0-\u052f\u0900-\u097f\u1d00-\u1df9\u1e00-\u1f15\u2000-\u200a\u2010-\u2027\u2030-\u205e\u2070\u2071\u2074-\u208e\u2090-\u209c\u20a0-\u20c0\u2100-\u215f\u2212\ufffd]/u;

const instead: Record<string, string> = { "≥": ">=", "≤": "<=", "→": "->", "←": "<-", "✓": "yes", "\t": " ", "\r": "" };

/**
 * Text as the page can print it. A character that the font cannot draw must not vanish from a name: it is printed as its
 * code, `[U+5C71]`.
 */
export const printable = (text: string): string =>
  [...text.normalize("NFC")]
    .map((character) => (drawn.test(character) ? character : (instead[character] ?? codeOf(character))))
    .join("");

const codeOf = (character: string): string =>
  `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
