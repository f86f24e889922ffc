import type { CellSnapshot } from "./cell.ts";

/** A trust of which the standby answers, and not the base. */
export interface AtStandby {
  snapshot: CellSnapshot;
  /** When the base received the last of what is shown; null before anything came. */
  asOf: string | null;
}

/** The trusts whose patients are shown as a standby has them, from its last answer on until the base gives one. */
export const atStandby = (snapshots: readonly CellSnapshot[]): AtStandby[] =>
  snapshots.flatMap((snapshot) => {
    const { board, client, live } = snapshot;
    const standby = (live ? undefined : client.standby) ?? board?.server.standby;
    return standby ? [{ snapshot, asOf: standby.asOf }] : [];
  });
