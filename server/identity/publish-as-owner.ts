import pg from "pg";
import { type ControlChange, createControlLog, StaleSubject } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/**
 * Writes what a starting process makes known, as the owner of the cell's database: no zone's role may write settings by itself.
 * Another process of the same cell, with the same files, may have been first; then nothing is written.
 */
export const publishAsOwner = async (
  ownerUrl: string,
  keyRing: KeyRing,
  changes: readonly ControlChange[],
): Promise<void> => {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 1, application_name: "holdfast public keys" });
  try {
    await createControlLog(pool, keyRing, "append_control").append(changes);
  } catch (error) {
    if (!(error instanceof StaleSubject)) throw error;
  } finally {
    await pool.end();
  }
};
