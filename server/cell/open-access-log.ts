import { join } from "node:path";
import { deviceZones } from "#defence/access/words.ts";
import { type AccessLog, createAccessLog, createJournalLog } from "../logs/access-log.ts";
import { openLocalJournal } from "../logs/local-journal.ts";
import type { ZonePools } from "../postgres/zone-pools.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CellParts } from "./cell-parts.ts";

/** Of a standby, whose every access waits there until it is the base: bytes. */
const standbyJournalBytesMax = 2_000_000_000;

/** What a journal kept goes into the log first, where the database takes it. */
export const openAccessLog = async (
  { config, trust: { trust }, accessLog }: CellParts,
  { pools, keyRing, isStandby }: { pools: ZonePools; keyRing: KeyRing; isStandby: boolean },
): Promise<AccessLog> => {
  // Every zone has a role of its own; the first of this process's appends for the others. A journal has one process.
  const appends = deviceZones.find((zone) => config.zones.includes(zone)) ?? "crew";
  const name = appends === "crew" ? `${trust}.access` : `${trust}.${appends}.access`;
  const path = join(config.dataDirectory, "journal", name);
  const kept = isStandby
    ? createJournalLog(keyRing, openLocalJournal(path, standbyJournalBytesMax), pools)
    : createAccessLog(pools[appends], keyRing, openLocalJournal(path));
  const access = accessLog?.(kept) ?? kept;
  await access.drain().catch(() => {});
  return access;
};
