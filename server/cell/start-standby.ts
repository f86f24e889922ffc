import type pg from "pg";
import { SetupProblem } from "../config.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { Standby } from "../standby/open-standby.ts";
import type { CellParts } from "./cell-parts.ts";

/** Undefined for a base; one that was a standby until the officers made it the base is one. */
export const startStandby = async (parts: CellParts, keyRing: KeyRing, pool: pg.Pool): Promise<Standby | undefined> => {
  const { config, cluster, metrics } = parts;
  const { trust } = parts.trust;
  const { rows } = await pool.query<{ mode: string; epoch: number }>("SELECT mode, epoch FROM life");
  const { mode, epoch } = rows[0]!;
  if (config.standby === undefined && mode === "standby")
    throw new SetupProblem(
      "is-a-standby",
      `The data in ${config.dataDirectory} is a standby's: of ${trust} it gives no places in the log.`,
      "run `holdfast standby`; `holdfast promote` makes it the base, by two officers' signatures.",
    );
  const isPromoted = mode === "base" && epoch > 1;
  if (config.standby === undefined || isPromoted) return undefined;
  const { openStandby } = await import("../standby/open-standby.ts");
  return openStandby({
    trust,
    keyRing,
    url: cluster.url(trust, "owner"),
    dataDirectory: config.dataDirectory,
    letterbox: config.standby.letterbox,
    onFault: (log, fault) => metrics.standbyFaults.inc({ trust, log, fault }),
    cluster,
    onRehearsed: ({ ranAt, good }) => {
      metrics.rehearsalTime.set({ trust }, Date.parse(ranAt) / 1_000);
      metrics.rehearsalFailed.set({ trust }, good ? 0 : 1);
    },
  });
};
