import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import {
  type ConnectionChange,
  type ConnectionMade,
  type ConnectionRow,
  type ConnectionsResponse,
  connectionChange,
  connectionNew,
} from "#protocol/control/connections.ts";
import { pageQuery } from "#protocol/control/page.ts";
import { connectionTypes } from "#sharing/fhir/scopes.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { checkKeys } from "../../identity/connection-keys.ts";
import { hasEnded } from "../../identity/connections.ts";
import { type ConnectionSubject, connectionSubject } from "../../identity/subjects.ts";
import type { Subject } from "../../logs/control-log.ts";
import { deskCall, notHere } from "./desk-call.ts";
import { historyOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";
import { proposalLine } from "./proposals.ts";

const config = { action: "manage-settings" } as const;
const byId = z.object({ connectionId: z.uuid() });
/** Five keys of 8192 bits, and what is said of them. */
const bodyBytesMax = 20_000;

/** The other systems that read FHIR: which there are, what each may read, and the public keys it signs with. */
export const connectionRoutes = (app: FastifyInstance, cells: Cells, careOrigin: (trust: string) => string): void => {
  app.get("/control/v1/connections", { config }, async (request): Promise<ConnectionsResponse> => {
    const { cell, log, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const rows = (await log.all("connection")).map(rowOf);
    const columns = {
      name: (row: ConnectionRow) => row.name,
      siteId: (row: ConnectionRow) => row.siteId,
      endsAt: (row: ConnectionRow) => row.endsAt,
      changed: (row: ConnectionRow) => row.changed,
    };
    const page = pageRowsOf(rows, query, columns, (row) => [row.name, row.siteId, row.connectionId]);
    await noteAccess("connections");
    return { ...page, fhirBase: `${careOrigin(cell.trust)}/fhir/R4`, readable: [...connectionTypes] };
  });

  app.get("/control/v1/connections/:connectionId/history", { config }, async (request) => {
    const { log, noteAccess } = await deskCall(cells, request);
    const { connectionId } = parseMessage(byId, request.params);
    await noteAccess("connection-history", { detail: `connection ${connectionId}` });
    return { lines: await historyOf(log, "connection", connectionId) };
  });

  app.post("/control/v1/connections", { config, bodyLimit: bodyBytesMax }, async (request): Promise<ConnectionMade> => {
    const { by, change } = await deskCall(cells, request);
    const { reason, ...asked } = parseMessage(connectionNew, request.body);
    const id = randomUUID();
    const { id: waits, line: proposal } = proposalLine(by, { ...proposed, connectionId: id, reason });
    const line = { kind: "connection", id, state: { ...checked(asked), waits }, by, reason, expected: 0 } as const;
    return { connectionId: id, position: await change("connection-new", [proposal, line]) };
  });

  app.post("/control/v1/connections/:connectionId", { config, bodyLimit: bodyBytesMax }, async (request) => {
    const { log, by, change } = await deskCall(cells, request);
    const { connectionId: id } = parseMessage(byId, request.params);
    const { reason, expected, ...asked } = parseMessage(connectionChange, request.body);
    const held = await log.find("connection", id);
    if (held === undefined) throw notHere("connection");
    const before = connectionSubject.parse(held.state);
    const now = checked(asked);
    const added = isMore(before, now) ? proposalLine(by, { ...proposed, connectionId: id, reason }) : undefined;
    const waits = added?.id ?? before.waits;
    const state = { ...now, ...(waits !== undefined && { waits }) };
    const line = { kind: "connection", id, state, by, reason, expected } as const;
    return { position: await change("connection-change", [...(added ? [added.line] : []), line]) };
  });
};

const proposed = { what: "connection", early: false, demonstration: false } as const;

/** What a second person has to agree to, and until then it reads nothing: to narrow or to end it acts at once. */
const isMore = (before: ConnectionSubject, now: ReturnType<typeof checked>): boolean =>
  now.siteId !== before.siteId ||
  JSON.stringify(now.keys) !== JSON.stringify(before.keys) ||
  (now.proof === "bearer" && before.proof === "dpop") ||
  now.types.some((type) => !before.types.includes("*") && !(before.types as readonly string[]).includes(type)) ||
  (hasEnded(before, Date.now()) && !hasEnded(now, Date.now()));

const checked = (
  asked: Omit<ConnectionChange, "reason" | "expected">,
): Omit<ConnectionChange, "reason" | "expected"> => {
  checkKeys(asked.keys);
  const unknown = asked.types.find((type) => !(connectionTypes as readonly string[]).includes(type));
  if (unknown !== undefined)
    throw new ProblemError(400, "no-such-type", `"${unknown}" is not served.`, `Give ${connectionTypes.join(", ")}.`);
  return { ...asked, types: asked.types.includes("*") ? ["*"] : [...new Set(asked.types)] };
};

const rowOf = ({ id, position, changed, state }: Subject): ConnectionRow => {
  const { waits, ...connection } = connectionSubject.parse(state);
  return {
    connectionId: id,
    ...connection,
    waiting: waits !== undefined,
    ended: hasEnded(connection, Date.now()),
    changed: changed.toISOString(),
    position,
  };
};
