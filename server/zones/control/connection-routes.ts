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
import { connectionSubject } from "../../identity/subjects.ts";
import type { Subject } from "../../logs/control-log.ts";
import { deskCall, notHere } from "./desk-call.ts";
import { historyOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

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
    const line = { kind: "connection", id, state: checked(asked), by, reason, expected: 0 } as const;
    return { connectionId: id, position: await change("connection-new", [line]) };
  });

  app.post("/control/v1/connections/:connectionId", { config, bodyLimit: bodyBytesMax }, async (request) => {
    const { log, by, change } = await deskCall(cells, request);
    const { connectionId: id } = parseMessage(byId, request.params);
    const { reason, expected, ...asked } = parseMessage(connectionChange, request.body);
    if ((await log.find("connection", id)) === undefined) throw notHere("connection");
    const line = { kind: "connection", id, state: checked(asked), by, reason, expected } as const;
    return { position: await change("connection-change", [line]) };
  });
};

const checked = (asked: Omit<ConnectionChange, "reason" | "expected">): Record<string, unknown> => {
  checkKeys(asked.keys);
  const unknown = asked.types.find((type) => !(connectionTypes as readonly string[]).includes(type));
  if (unknown !== undefined)
    throw new ProblemError(400, "no-such-type", `"${unknown}" is not served.`, `Give ${connectionTypes.join(", ")}.`);
  return { ...asked, types: asked.types.includes("*") ? ["*"] : [...new Set(asked.types)] };
};

const rowOf = ({ id, position, changed, state }: Subject): ConnectionRow => {
  const connection = connectionSubject.parse(state);
  return {
    connectionId: id,
    ...connection,
    ended: hasEnded(connection, Date.now()),
    changed: changed.toISOString(),
    position,
  };
};
