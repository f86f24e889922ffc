import { type deviceZones, type PolicyZone, policyZones } from "#defence/access/words.ts";

/** The demonstration's two invented trusts. Each is a cell: a database, keys and logs of its own. */
export const trusts = [
  { trust: "northmoor", name: "Northmoor Ambulance Service" },
  { trust: "westvale", name: "Westvale Ambulance Service" },
] as const;

export const zones = policyZones;
export type Zone = PolicyZone;
/** Zones that belong to a cell; `app` serves files and knows no trust. */
export type CellZone = (typeof deviceZones)[number];
