import type { SyncRules } from "../cell/sync-routes.ts";

/** Tablets: append to their trust's log whatever they hold, and read the records they know. */
export const crewRules: SyncRules = {
  zone: "crew",
  relation: "own-or-followed",
  // Anyone enrolled may carry another's entries; the author's signature is what counts.
  refusals: async () => new Map(),
  reader: (cell) => cell.crewReader,
  // Also records that the base has not seen yet: the tablet's next push may be the first of one.
  watchable: async (_cell, _principal, recordIds) => recordIds,
};
