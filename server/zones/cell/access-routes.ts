import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Author, uuid } from "#domain/entry/entry.ts";
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
    const named = accesses.flatMap(({ person }) => person ?? []);
    const known = named.length === 0 ? new Map<string, string>() : await cell.toldPeople.onDevice(principal, named);
    if (named.some(({ userId }) => !known.has(userId)))
      cell.onSecurityEvent({ code: "told-of-a-stranger", deviceId: principal.deviceId });
    await Promise.all(accesses.map((access) => cell.access.write(ofDevice(principal, access, known))));
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

/**
 * What the device says of its user is kept as said: the device vouches for it, as it does for its entries' authors. `known`: the
 * people who can have been on it; somebody else is named as nobody who did it.
 */
const ofDevice = (
  principal: Principal,
  { id, at, recordId, unanswered, person, reason }: DeviceAccess,
  known: ReadonlyMap<string, string>,
): Access => {
  const who = person && (known.has(person.userId) ? personOf(person, known.get(person.userId)!) : unprovenOf(person));
  const about = { deviceId: principal.deviceId, zone: principal.zone, ...who, offline: { id, at } };
  if (unanswered === undefined) return { ...about, ...openingOf(recordId!, reason) };
  const detail = [`by ${unanswered}`, ...(who?.detail === undefined ? [] : [who.detail])].join(", ");
  return { ...about, ...lookUpOf(recordId), detail };
};

/** It showed nobody anything: for the review of what people went without (server/outages), and not for the desk's queue. */
const lookUpOf = (recordId: string | undefined) => ({
  action: "find-unanswered",
  purpose: "direct-care" as const,
  relation: "none",
  recordIds: recordId === undefined ? [] : [recordId],
});

const openingOf = (recordId: string, reason: string | undefined) => ({
  // The glass was broken before, and the base's own line of that is what is reviewed (zones/control/glass-queue.ts).
  ...(reason === undefined
    ? { action: "open", purpose: "direct-care" as const }
    : { action: "opened-again", purpose: "break-glass" as const }),
  relation: "held-on-device",
  recordIds: [recordId],
  ...(reason !== undefined && { reason }),
});

const personOf = ({ userId, role, signIn, vouchedBy }: Author, name: string): Pick<Access, "person" | "detail"> => ({
  person: { userId, name, roles: [role], strength: signIn },
  ...(vouchedBy !== undefined && { detail: `vouched for by ${vouchedBy}` }),
});

const unprovenOf = ({ userId }: Author): Pick<Access, "detail"> => ({
  detail: /^[\w:.-]+$/.test(userId) ? `unproven ${userId}` : "unproven",
});
