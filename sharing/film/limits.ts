/** A film's own limits. What is larger goes by the normal lane. */
export const filmLimits = {
  /** Sealed bytes of a whole film. */
  bodyBytesMax: 120_000,
  /** A symbol of version 20-L. A row takes what its header and tag leave of it (`rowBytesOf`). */
  frameBytesMax: 858,
  /** Row numbers are 16 bits, and the last names the summary. */
  rowMax: 0xfffe,
  /** Sealed bytes of the summary, which has one symbol. */
  summaryBytesMax: 660,
  /** Films that a reader keeps half seen; the one that was touched longest ago goes first. */
  halfSeenMax: 4,
  /** Characters of a film's text once it is inflated. */
  textBytesMax: 2_000_000,
} as const;
