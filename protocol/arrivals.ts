import * as z from "zod/mini";
import { arrival } from "#domain/handover/arrival.ts";
import { serverState } from "./server-state.ts";

/** Answer of `GET /arrivals/v1`: the caller's site's board, this trust's part of it. */
export const arrivalsResponse = z.object({
  server: serverState,
  site: z.object({ siteId: z.string(), name: z.string() }),
  arrivals: z.array(arrival),
});
export type ArrivalsResponse = z.infer<typeof arrivalsResponse>;
