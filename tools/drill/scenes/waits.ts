import { logNames } from "#defence/log/line.ts";
import { withDatabase } from "../databases.ts";
import { isSent, type LedgerEntry } from "../ledger.ts";
import { attacked } from "../places.ts";
import { until } from "../scene.ts";
import type { Stage } from "../stage.ts";

/** What any base acknowledged of the trust that is attacked. */
export const acknowledgedOf = ({ ledger }: Stage): LedgerEntry[] =>
  ledger.entries(attacked).filter(({ acknowledged }) => acknowledged.length > 0);

export const archivedLines = async ({ archive }: Stage): Promise<number> => (await archive.end(attacked, "care")).last;

/** Until the archive has every line that the server with this data has now. Resolves to how long that took, s. */
export const untilArchived = async (stage: Stage, data = stage.places.base): Promise<number> => {
  const heads = await withDatabase(data, attacked, (database) => database.heads());
  const isThere = async (): Promise<boolean> => {
    for (const log of logNames) if ((await stage.archive.end(attacked, log)).last < heads[log]) return false;
    return true;
  };
  return until("the archive has every line", isThere, stage.patienceMs);
};

/**
 * Until a base has acknowledged all that devices in coverage have saved by now. Nobody does anything; as in the apps, where the socket
 * opens again, the waits after failures are cut short. Resolves to how long it took, s.
 */
export const untilSent = async (stage: Stage): Promise<number> => {
  const { tablets, screens, ledger, patienceMs } = stage;
  const here = [...tablets, ...screens].filter(({ isOffline }) => !isOffline());
  const ids = new Set(here.map(({ device }) => device.enrolment.deviceId));
  const saved = ledger.entries(attacked).filter(({ deviceId }) => ids.has(deviceId));
  const unsent = () => saved.filter((entry) => !isSent(entry));
  let hurriedAt = Number.NEGATIVE_INFINITY;
  const isDone = (): boolean => {
    if (unsent().length === 0) return true;
    if (performance.now() > hurriedAt + reopenMs) {
      hurriedAt = performance.now();
      for (const device of here) device.hurry();
    }
    return false;
  };
  try {
    return await until("every device has sent all it had", isDone, patienceMs);
  } catch (error) {
    const left = unsent();
    const held = left.filter(({ heldAt }) => heldAt !== undefined).length;
    const devices = new Set(left.map(({ deviceId }) => deviceId)).size;
    throw new Error(`${(error as Error).message}: ${left.length} entries of ${devices} devices, ${held} of them held`);
  }
};

/** A socket that was lost tries to open again this often, at first. */
const reopenMs = 2_000;
