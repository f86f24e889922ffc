import type { FastifyInstance } from "fastify";
import type { Arrival } from "#domain/handover/arrival.ts";
import type { ArrivalsResponse } from "#protocol/arrivals.ts";
import type { Cell } from "../../cell.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { bearerOf, mayRead, principalOf } from "../../http/sign-in.ts";
import { demonstrationSites } from "../../identity/demonstration-roster.ts";
import { arrivalAbout } from "../../projection/site-rows.ts";

const boardsMax = 5_000;

/** `GET /arrivals/v1`: the caller's site's board. Logged when it opens and when its set of patients changes. */
export const arrivalsRoutes = (app: FastifyInstance, cells: Cells): void => {
  /** Cell and device → the patients it was last given. Lost at a restart, when every board opens anew. */
  const shown = new Map<string, string>();
  app.get("/arrivals/v1", async (request, reply): Promise<ArrivalsResponse> => {
    const cell = cellOf(cells, "care", request);
    const { deviceId, siteId = "" } = mayRead(principalOf(cell, "care", bearerOf(request)));
    const arrivals = await readArrivals(cell, siteId);
    const recordIds = arrivals.map((arrival) => arrival.recordId);
    const set = [...recordIds].sort().join(" ");
    const board = `${cell.trust}/${deviceId}`;
    if (shown.get(board) !== set) {
      const purpose = "direct-care" as const;
      await cell.access.write({ deviceId, zone: "care", action: "arrivals", purpose, relation: "site", recordIds });
      if (shown.size >= boardsMax) shown.delete(shown.keys().next().value!);
      shown.set(board, set);
    }
    reply.header("cache-control", "no-store");
    const site = demonstrationSites.find((each) => each.siteId === siteId) ?? { siteId, name: siteId };
    return { server: cell.state(), site, arrivals };
  });
};

const readArrivals = async (cell: Cell, siteId: string): Promise<Arrival[]> => {
  const text = "SELECT * FROM arrivals_for_site($1)";
  const { rows } = await cell.pools.care.query<{ record_id: string; sealed: Buffer }>({
    name: "arrivals",
    text,
    values: [siteId],
  });
  return rows.map((row) => {
    const about = arrivalAbout(row.record_id, siteId);
    return JSON.parse(cell.keyRing.open("arrival", row.sealed, about)) as Arrival;
  });
};
