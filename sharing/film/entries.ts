/**
 * Entries as a film carries them: verbatim, but that a `prev` which is the hash of the entry before it is not written out, since
 * whoever reads them makes that hash anyway. It saves a third of a record.
 */
const left = '"prev":"^"';
const named = (hash: string): string => `"prev":"${hash}"`;

/** `before`: the hash of the entry before, undefined for the first. */
export const packEntry = (text: string, before: string | undefined): string => {
  if (before === undefined || text.includes(left)) return text;
  const parts = text.split(named(before));
  return parts.length === 2 ? `^${parts.join(left)}` : text;
};

export const unpackEntry = (packed: string, before: string | undefined): string =>
  packed.startsWith("^") && before !== undefined ? packed.slice(1).replace(left, named(before)) : packed;
