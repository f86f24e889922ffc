import type { HeldPack } from "#protocol/downtime.ts";
import type { Shift } from "../../shift.ts";

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** The packs of paper that the desk signed out to this shift's vehicle or call sign. */
export const packsHere = (
  packs: readonly HeldPack[],
  shift: Pick<Shift, "callSign" | "vehicle"> | null,
): HeldPack[] => {
  if (shift === null) return [];
  const here = new Set([plain(shift.callSign), plain(shift.vehicle)]);
  return packs.filter(({ vehicle }) => here.has(plain(vehicle)));
};

/** `NM-48210001, forms 001 to 025`. */
export const packWords = ({ pack, forms }: HeldPack): string =>
  `${pack}, forms 001 to ${String(forms).padStart(3, "0")}`;
