import { logNames } from "#defence/log/line.ts";
import { withDatabase } from "../databases.ts";
import type { LedgerEntry } from "../ledger.ts";
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
 * Until a base that counts has acknowledged all that devices in coverage have saved by now. Nobody does anything; as in the apps, where the
 * socket opens again, the waits after failures are cut short. Resolves to how long it took, s.
 */
export const untilSent = (stage: Stage): Promise<number> => {
  const { tablets, screens, ledger, patienceMs } = stage;
  const here = [...tablets, ...screens].filter(({ isOffline }) => !isOffline());
  const ids = new Set(here.map(({ device }) => device.enrolment.deviceId));
  const open = ledger
    .entries(attacked)
    .filter(({ deviceId, heldAt, acknowledged }) => ids.has(deviceId) && (heldAt || acknowledged.length === 0));
  let hurriedAt = Number.NEGATIVE_INFINITY;
  return until(
    "every device has sent all it had",
    () => {
      const isSent = open.every(({ acknowledged }) => acknowledged.some(({ epoch }) => epoch > 1));
      if (!isSent && performance.now() > hurriedAt + reopenMs) {
        hurriedAt = performance.now();
        for (const device of here) device.hurry();
      }
      return isSent;
    },
    patienceMs,
  );
};

/** A socket that was lost tries to open again this often, at first. */
const reopenMs = 2_000;
