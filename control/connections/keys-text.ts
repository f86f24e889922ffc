import { type ConnectionKey, connectionKeys } from "#protocol/control/connections.ts";

/** The keys of a pasted JSON Web Key Set, or of one key by itself. Throws what to do in plain words. */
export const keysIn = (text: string): ConnectionKey[] => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("The keys are no JSON. Paste the whole key set that the other system's supplier sent.");
  }
  const keys = Array.isArray(value) ? value : ((value as { keys?: unknown } | null)?.keys ?? [value]);
  const read = connectionKeys.safeParse(keys);
  if (read.success) return read.data;
  throw new Error("Each key needs a kid, and is RSA (for RS384) or P-384 (for ES384); at most five fit.");
};

export const keysText = (keys: readonly ConnectionKey[]): string => JSON.stringify({ keys }, null, 2);
