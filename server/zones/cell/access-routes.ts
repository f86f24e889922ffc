import type { FastifyInstance, FastifyRequest } from "fastify";
import { uuid } from "#domain/entry/entry.ts";
import {
  type AccessesResponse,
  accessesRequest,
  type DeviceAccess,
  type RecordAccessesResponse,
} from "#protocol/accesses.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { refuseDisposed } from "../../http/disposed.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { mayRead, principalOf } from "../../http/sign-in.ts";
import type { Principal } from "../../identity/identity.ts";
import { type Access, shownAccess } from "../../logs/access-line.ts";
import { ofRecord } from "../../logs/access-queries.ts";
import { noteReads, readableOf } from "./readable.ts";
import type { SyncRules } from "./sync-routes.ts";

/**
 * `POST /sync/v1/accesses`: what was opened on a device while no server saw it. `GET /records/v1/{recordId}/accesses`: who has
 * seen a record that the caller may read.
 */
export const accessRoutes = (app: FastifyInstance, rules: SyncRules, cells: Cells): void => {
  const { zone } = rules;

  app.post("/sync/v1/accesses", { config: { action: "push" } }, async (request): Promise<AccessesResponse> => {
    const cell = cellOf(cells, zone, request);
    // Unlike a push its lines carry no signature, so the caller proves the key; but it may come when reading has ended.
    const principal = principalOf(cell, zone, request);
    const { accesses } = parseMessage(accessesRequest, request.body);
    await Promise.all(accesses.map((access) => cell.access.write(ofDevice(principal, access))));
    return { server: cell.state(), stored: accesses.map(({ id }) => id) };
  });

  app.get(
    "/records/v1/:recordId/accesses",
    { config: { action: "see-access" } },
    async (
      request: FastifyRequest<{ Params: { recordId: string }; Querystring: { before?: unknown } }>,
      reply,
    ): Promise<RecordAccessesResponse> => {
      const cell = cellOf(cells, zone, request);
      const principal = mayRead(principalOf(cell, zone, request));
      const { recordId } = request.params;
      const { before } = request.query;
      if (!uuid.safeParse(recordId).success)
        throw new ProblemError(400, "bad-id", "This is no record's id.", "A record's id is a UUID in lower case.");
      const readable = await readableOf(cell, request, principal, rules, [recordId]);
      refuseDisposed(cell, recordId);
      if (!readable.has(recordId))
        throw new ProblemError(404, "no-such-record", "There is no such record for you.", "Check the id.");
      await noteReads(cell, principal, "see-access", readable, [recordId]);
      const siteId = zone === "care" ? (principal.siteId ?? "") : undefined;
      const pool = cell.pools[zone === "care" ? "care" : "crew"];
      const page = { before: typeof before === "string" ? before : undefined };
      const { lines, next } = await ofRecord(pool, cell.keyRing, siteId, recordId, page);
      reply.header("cache-control", "no-store");
      return { server: cell.state(), accesses: lines.map(shownAccess), next };
    },
  );
};

/** What the device says of its user is kept as said: the device vouches for it, as it does for its entries' authors. */
const ofDevice = (principal: Principal, { id, at, recordId, person, reason }: DeviceAccess): Access => ({
  deviceId: principal.deviceId,
  zone: principal.zone,
  ...(person && {
    person: { userId: person.userId, name: person.name, roles: [person.role], strength: person.signIn },
    ...(person.vouchedBy !== undefined && { detail: `vouched for by ${person.vouchedBy}` }),
  }),
  // Of a record that was opened past the usual rules the device says why each time, and each time it is reviewed.
  ...(reason === undefined
    ? { action: "open", purpose: "direct-care" as const }
    : { action: "break-glass", detail: "open", purpose: "break-glass" as const }),
  relation: "held-on-device",
  recordIds: [recordId],
  ...(reason !== undefined && { reason }),
  offline: { id, at },
});
