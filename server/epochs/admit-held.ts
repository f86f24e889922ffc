import pg from "pg";
import { type ChainRun, headStatement } from "#protocol/push.ts";
import type { Sequencer } from "#sync/sequencer.ts";
import { isSignedBy } from "../identity/device-key.ts";
import type { Devices } from "../identity/devices.ts";
import { signedRuns } from "../identity/release.ts";
import { readHeldLines } from "../logs/held-lines.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

export interface AdmitParts {
  /** The owner's. */
  url: string;
  keyRing: KeyRing;
  devices: Pick<Devices, "find">;
  sequencer: Sequencer;
}

export interface Admitted {
  admitted: number;
  /** What is held still: no signature reaches it, or it is to be tried again. */
  left: number;
}

/**
 * Gives what a standby held its places in the log, now that it is the base: decided as if it came now, with the signatures it came with.
 * Done twice, it changes nothing more; what is cut short goes on at the next start. A base holds nothing, and is done at once.
 */
export const admitHeld = async ({ url, keyRing, devices, sequencer }: AdmitParts): Promise<Admitted> => {
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: "holdfast promote" });
  pool.on("error", () => {});
  const done: Admitted = { admitted: 0, left: 0 };
  try {
    const { rows } = await pool.query<{ record_id: string; device_id: string }>(
      "SELECT DISTINCT record_id, device_id FROM held_line ORDER BY record_id, device_id",
    );
    for (const { record_id: recordId, device_id: deviceId } of rows) {
      const device = await devices.find(deviceId);
      const held = (await readHeldLines(pool, keyRing, [recordId])).get(recordId) ?? [];
      const links = held
        .filter((line) => line.deviceId === deviceId)
        .map(({ hash, text, entry, signature }) => ({
          ...{ hash, text, signature, n: entry?.n, prev: entry?.prev ?? undefined },
          waits: true,
        }));
      const signs = (n: number, hash: string, signature: string): boolean =>
        device !== undefined && isSignedBy(device.publicKey, headStatement({ deviceId, recordId, n, hash }), signature);
      const { runs, unsigned } = signedRuns(links, signs);
      done.left += unsigned.length;
      for (const run of runs) {
        const chain: ChainRun = { deviceId, recordId, ...run };
        const { answers } = await sequencer.submit({ chains: [chain] });
        const placed = answers.filter(({ answer }) => answer !== "retry").map(({ hash }) => Buffer.from(hash, "hex"));
        await pool.query("DELETE FROM held_line WHERE record_id = $1 AND hash = ANY ($2::bytea[])", [recordId, placed]);
        done.admitted += placed.length;
        done.left += answers.length - placed.length;
      }
    }
    return done;
  } finally {
    await pool.end();
  }
};
