import type { FastifyInstance } from "fastify";
import type { Arrival } from "#domain/handover/arrival.ts";
import type { ArrivalsResponse } from "#protocol/arrivals.ts";
import type { Cell } from "../../cell.ts";
import { authorize } from "../../http/authorize.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { mayRead, principalOf } from "../../http/sign-in.ts";
import { demonstrationSites } from "../../identity/demonstration-roster.ts";
import { boardAccesses } from "../../logs/board-accesses.ts";
import { arrivalAbout } from "../../projection/site-rows.ts";

/** `GET /arrivals/v1`: the caller's site's board. Logged when it opens and when its set of patients changes. */
export const arrivalsRoutes = (app: FastifyInstance, cells: Cells): void => {
  const boards = new Map([...cells].map(([trust, cell]) => [trust, boardAccesses(cell.access)]));
  app.get("/arrivals/v1", { config: { action: "read-board" } }, async (request, reply): Promise<ArrivalsResponse> => {
    const cell = cellOf(cells, "care", request);
    const principal = mayRead(principalOf(cell, "care", request));
    const { siteId = "" } = principal;
    const { only } = await authorize(cell, request, principal, { relation: "coming-to-my-site" });
    const read = await readArrivals(cell, siteId);
    const arrivals = only === "without-names" ? read.map(withoutName) : read;
    await boards.get(cell.trust)!.shown(
      principal,
      arrivals.map((arrival) => arrival.recordId),
    );
    reply.header("cache-control", "no-store");
    const site = demonstrationSites.find((each) => each.siteId === siteId) ?? { siteId, name: siteId };
    return { server: cell.state(), site, arrivals };
  });
};

const withoutName = ({ name: _name, ...arrival }: Arrival): Arrival => arrival;

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
