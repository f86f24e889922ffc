import * as z from "zod/mini";
import { uuid } from "#domain/entry/entry.ts";

/** Server → client on the WebSocket. It carries no truth: whoever misses one polls. */
export const poke = z.union([
  z.object({ poke: z.literal("record"), recordId: uuid, epoch: z.int(), position: z.int() }),
  /** The arrivals of the caller's site changed. */
  z.object({ poke: z.literal("arrivals"), siteId: z.string() }),
  z.object({ poke: z.literal("bye"), reason: z.string(), retryAfterMs: z.int() }),
]);
export type Poke = z.infer<typeof poke>;

/** Client → server: which records to be poked about. Replaces the earlier list. */
export const watch = z.object({ watch: z.array(uuid).check(z.maxLength(500)) });
/**
 * WebSocket subprotocols: this one, `dpop.` with the token and `proof.` with its proof for a GET of the socket's address,
 * because a browser cannot set headers there.
 */
export const pokeSubprotocol = "holdfast.poke.v1";
