import pg from "pg";
import type { Sequencer } from "#sync/sequencer.ts";
import { admitHeld } from "../epochs/admit-held.ts";
import { leftOutJournal, noteLeftOut } from "../epochs/left-out.ts";
import type { Devices } from "../identity/devices.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CellParts } from "./cell-parts.ts";

/**
 * What this server held while it was a standby gets its places, and what its promotion or a restore left out of the control log is noted for
 * review. Nothing of either: nothing is done. Cut short, it goes on at the next start.
 */
export const admitFromStandby = async (
  { config, cluster, trust: { trust } }: CellParts,
  parts: { keyRing: KeyRing; devices: Devices; sequencer: Sequencer },
): Promise<void> => {
  const url = cluster.url(trust, "owner");
  await admitHeld({ url, ...parts });
  const journal = leftOutJournal(config.dataDirectory, trust);
  if (!journal.holds()) return;
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: "holdfast promote" });
  try {
    await noteLeftOut(parts.keyRing, journal, pool);
  } finally {
    await pool.end();
  }
};
