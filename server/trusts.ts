import { type deviceZones, type PolicyZone, policyZones } from "#defence/access/words.ts";

/**
 * The demonstration's two invented trusts. Each is a cell: a database, keys and logs of its own. `letters` begin the numbers of
 * its paper forms, so no two trusts may have the same.
 */
export const trusts = [
  { trust: "northmoor", name: "Northmoor Ambulance Service", letters: "NM" },
  { trust: "westvale", name: "Westvale Ambulance Service", letters: "WV" },
] as const;

export const zones = policyZones;
export type Zone = PolicyZone;
/** Zones that belong to a cell; `app` serves files and knows no trust. */
export type CellZone = (typeof deviceZones)[number];

/** What a trust's paper forms begin with. Throws for a trust that is none. */
export const lettersOf = (trust: string): string => {
  const found = trusts.find((each) => each.trust === trust);
  if (found === undefined) throw new Error(`there is no trust ${trust}`);
  return found.letters;
};
