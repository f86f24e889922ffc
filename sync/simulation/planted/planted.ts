import type { Planted } from "../world.ts";
import * as store from "./device-store.ts";
import * as transport from "./device-transport.ts";
import * as log from "./server-log.ts";

/** Bugs that others have shipped, each of which the simulation must find. A name is what the bug does. */
export const plantedBugs: Readonly<Record<string, Planted>> = {
  "stores the cursor before the data": store.cursorBeforeData,
  "acknowledges before the commit": log.acknowledgeBeforeCommit,
  "marks all pending as done": store.markAllPending,
  "evicts what was not sent": store.evictUnsent,
  "ignores what the base lacks": transport.ignoreNeed,
  "does not read back": store.noReadBack,
  "tells entries apart by id alone": log.dedupeByIdOnly,
  "lets a poison entry block what follows": transport.poisonBlocksChain,
  "skips what a late clock wrote": transport.skipLateClock,
  "does not rewind for a new incarnation": store.noRewind,
  "does not notice a new incarnation": store.ignoreIncarnation,
  "takes a position of another life for its own": store.positionsOfAnyLife,
  "gives positions before the commit": log.bareSequence,
  "accepts a broken link": log.acceptBrokenPrev,
  "drops what it should retry": transport.dropOnRetry,
  "follows a lower epoch": transport.followLowerEpoch,
};
