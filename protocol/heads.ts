import * as z from "zod/mini";
import { sha256Hex, uuid } from "#domain/entry/entry.ts";
import { limits } from "./limits.ts";
import { need, place } from "./push.ts";
import { serverState } from "./server-state.ts";

/** Refill: after a new incarnation a client says what it holds, and the server asks for what it lacks. */
export const headsRequest = z.object({
  protocol: z.int(),
  heads: z
    .array(z.object({ deviceId: uuid, recordId: uuid, n: place, hash: sha256Hex }))
    .check(z.maxLength(limits.headsMax)),
});
export type HeadsRequest = z.infer<typeof headsRequest>;
export const headsResponse = z.object({ server: serverState, need: z.array(need) });
export type HeadsResponse = z.infer<typeof headsResponse>;
