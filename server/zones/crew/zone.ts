import type { SyncRules } from "../cell/sync-routes.ts";

/** Tablets: append to their trust's log whatever they hold, and read the records they know. */
export const crewRules: SyncRules = {
  zone: "crew",
  // Anyone enrolled may carry another's entries; the author's signature is what counts.
  refusals: async () => new Map(),
  reader: (cell) => cell.crewReader,
  relations: (cell, principal, recordIds) => cell.crewScope.relations(principal, recordIds),
  carried: (cell, { deviceId }, runs) => cell.crewScope.carried(deviceId, runs),
  // Also records that the base has not seen yet: the tablet's next push may be the first of one.
  watchable: async (_cell, _principal, recordIds) => recordIds,
};
