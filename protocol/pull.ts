import * as z from "zod/mini";
import { instant, sha256Hex, uuid } from "#domain/entry/entry.ts";
import { limits } from "./limits.ts";
import { cursor, serverState } from "./server-state.ts";

export const pullRequest = z.object({
  protocol: z.int(),
  /** Record id → what the client has stored. */
  records: z.record(uuid, cursor),
  linesMax: z.optional(z.int().check(z.positive(), z.maximum(limits.pullLinesMax))),
});
export type PullRequest = z.infer<typeof pullRequest>;

/** One line of the care log with its entry, verbatim. */
export const pulledLine = z.object({
  position: z.int(),
  received: instant,
  deviceId: uuid,
  hash: sha256Hex,
  entry: z.string(),
  /** Signature of the chain head, on the line of the entry that was the head of its push. */
  signature: z.optional(z.string()),
});
export type PulledLine = z.infer<typeof pulledLine>;

/** An entry that a standby holds and no log has: as a line, without a place. */
export const heldEntry = z.omit(pulledLine, { position: true });
export type PulledHeld = z.infer<typeof heldEntry>;

export const pulledRecord = z.union([
  z.object({
    lines: z.array(pulledLine),
    cursor,
    more: z.boolean(),
    /** All of them, with the record's last page; they come again with each pull. */
    held: z.optional(z.array(heldEntry)),
  }),
  /** The cursor lies past this log's fork: read again from here; entries are told apart by id. */
  z.object({ rewind: cursor }),
  /**
   * Not in the caller's scope, or not there: the two are not told apart. `disposed`: the record has ended, and so does the
   * caller's copy once the base has everything of it.
   */
  z.object({ refused: z.literal("not-in-scope"), disposed: z.optional(z.literal(true)) }),
]);
export const pullResponse = z.object({ server: serverState, records: z.record(uuid, pulledRecord) });
export type PullResponse = z.infer<typeof pullResponse>;
