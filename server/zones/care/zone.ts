import type { PushRequest } from "#protocol/push.ts";
import { readEntry } from "#sync/envelope.ts";
import { ProblemError } from "../../http/problem-error.ts";
import type { SyncRules } from "../cell/sync-routes.ts";

/** What a hospital writes on an ambulance record. The rest is the crew's, and no program of a hospital needs it. */
const careKinds = new Set(["acceptance", "place", "receipt", "note", "strike"]);

/**
 * Hospital screens. A whole request is refused for a kind or a record that is not theirs: that is a wrong program, not
 * something that a clinician wrote. An entry that cannot be read goes through, and is quarantined like anyone's.
 */
export const careRules: SyncRules = {
  zone: "care",
  relation: "site",
  mayPush: async (cell, principal, request) => {
    const foreign = kindsIn(request).find((kind) => !careKinds.has(kind));
    if (foreign !== undefined)
      throw new ProblemError(
        403,
        "kind-not-allowed",
        "A hospital screen does not write this kind of entry.",
        `Write one of ${[...careKinds].join(", ")}. Nothing of this request was stored.`,
      );
    const recordIds = [...new Set(request.chains.map((chain) => chain.recordId))];
    const inScope = await cell.careReader(principal.siteId ?? "").heads(recordIds);
    const outside = recordIds.filter((recordId) => !inScope.has(recordId));
    if (outside.length === 0) return;
    // After a restore a screen may be back before the tablet whose record it is: what nobody holds is nobody else's.
    const known = await cell.knownRecords(outside);
    if (known.size === 0) return;
    throw new ProblemError(
      403,
      "not-in-scope",
      "This record is not coming to your site.",
      "Keep the entry; push it when the record names your site. Nothing of this request was stored.",
    );
  },
  reader: (cell, principal) => cell.careReader(principal.siteId ?? ""),
  watchable: async (cell, principal, recordIds) =>
    (await cell.careReader(principal.siteId ?? "").heads(recordIds)).keys(),
};

const kindsIn = (request: PushRequest): string[] =>
  request.chains.flatMap((chain) => chain.entries).flatMap((text) => readEntry(text).entry?.kind ?? []);
