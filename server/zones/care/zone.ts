import { type ChainRun, headStatement } from "#protocol/push.ts";
import { readEntry } from "#sync/envelope.ts";
import type { Cell } from "../../cell.ts";
import { isSignedBy } from "../../identity/device-key.ts";
import type { SyncRules } from "../cell/sync-routes.ts";
import { siteRelations } from "./relations.ts";

/** What a hospital writes on an ambulance record. The rest is the crew's, and no program of a hospital needs it. */
const careKinds = new Set(["acceptance", "place", "receipt", "note", "strike"]);

/**
 * Hospital screens. What is not theirs to write stays on the screen that wrote it, run by run: a patient who was diverted
 * since must not hold up what was written about the others. An entry that cannot be read goes through, and is quarantined
 * like anyone's.
 */
export const careRules: SyncRules = {
  zone: "care",
  refusals: async (cell, principal, { chains }) => {
    const refused = new Map<ChainRun, string>();
    const recordIds = [...new Set(chains.map((run) => run.recordId))];
    const inScope = await cell.careReader(principal.siteId ?? "").heads(recordIds);
    const outside = recordIds.filter((recordId) => !inScope.has(recordId));
    // After a restore a screen may be back before the tablet whose record it is: what nobody holds is nobody else's.
    const known = outside.length === 0 ? undefined : await cell.knownRecords(outside);
    for (const run of chains) {
      // What a tablet wrote and signed goes on its author's word, whoever carries it here: a film's entries. What another
      // screen or a desk wrote has no more right here than the screen that brings it: two could else write what neither may.
      if (await isCarried(cell, principal.deviceId, run)) continue;
      // What is late for a record that has ended is kept with what remains of it, whoever wrote it.
      const isEnded = cell.disposed.has(run.recordId);
      if (known?.has(run.recordId) && !isEnded) refused.set(run, "not-in-scope");
      else if (kindsIn(run).some((kind) => !careKinds.has(kind))) refused.set(run, "kind-not-allowed");
    }
    return refused;
  },
  reader: (cell, principal) => cell.careReader(principal.siteId ?? ""),
  glassReader: (cell, { deviceId, person }) => cell.glassReader({ deviceId, userId: person?.userId ?? "" }),
  relations: (cell, principal, recordIds) => siteRelations(cell, principal.siteId ?? "", recordIds),
  watchable: async (cell, principal, recordIds) =>
    (await cell.careReader(principal.siteId ?? "").heads(recordIds)).keys(),
};

/** Whether a tablet's signature is over the run's head; the sequencer checks what the head covers. */
const isCarried = async (cell: Cell, carrierId: string, { deviceId, recordId, head }: ChainRun): Promise<boolean> => {
  if (deviceId === carrierId) return false;
  const author = await cell.devices.find(deviceId);
  const { n, hash, signature } = head;
  return (
    author?.zone === "crew" && isSignedBy(author.publicKey, headStatement({ deviceId, recordId, n, hash }), signature)
  );
};

const kindsIn = (run: ChainRun): string[] => run.entries.flatMap((text) => readEntry(text).entry?.kind ?? []);
