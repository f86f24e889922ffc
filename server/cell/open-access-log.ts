import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { deviceZones } from "#defence/access/words.ts";
import { type AccessLog, createAccessLog, createJournalLog } from "../logs/access-log.ts";
import { openLocalJournal } from "../logs/local-journal.ts";
import type { ZonePools } from "../postgres/zone-pools.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CellParts } from "./cell-parts.ts";

/** Of a standby, whose every access waits there until it is the base: bytes. */
const standbyJournalBytesMax = 2_000_000_000;

/** How long a start waits for what a journal kept, ms. */
const drainedFirstMs = 3_000;

/** What a journal kept goes into the log first, where the database takes it. */
export const openAccessLog = async (
  { config, trust: { trust }, accessLog }: CellParts,
  {
    pools,
    keyRing,
    isStandby,
    onSecurityEvent,
  }: {
    pools: ZonePools;
    keyRing: KeyRing;
    isStandby: boolean;
    onSecurityEvent(event: { code: string; deviceId: string }): void;
  },
): Promise<AccessLog> => {
  // Every zone has a role of its own; the first of this process's appends for the others. A journal has one process.
  const appends = deviceZones.find((zone) => config.zones.includes(zone)) ?? "crew";
  const name = appends === "crew" ? `${trust}.access` : `${trust}.${appends}.access`;
  const path = join(config.dataDirectory, "journal", name);
  const onStuck = () => onSecurityEvent({ code: "access-journal-stuck", deviceId: "" });
  const kept = isStandby
    ? createJournalLog(keyRing, openLocalJournal(path, standbyJournalBytesMax), pools)
    : createAccessLog(pools[appends], keyRing, openLocalJournal(path), onStuck);
  const access = accessLog?.(kept) ?? kept;
  // A long outage's journal goes on beside: nobody waits at the door for it.
  await Promise.race([access.drain().catch(onStuck), setTimeout(drainedFirstMs, undefined, { ref: false })]);
  return access;
};
