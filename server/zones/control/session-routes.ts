import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { type Page, pageQuery } from "#protocol/control/page.ts";
import { type SessionRow, sessionEnd } from "#protocol/control/sessions.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { deskCall, notHere } from "./desk-call.ts";
import { namesOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

const config = { action: "manage-sessions" } as const;
const byId = z.object({ sessionId: z.uuid() });

interface Row {
  session_id: string;
  user_id: string | null;
  device_id: string | null;
  zone: string;
  started: Date;
  used: Date;
  ends: Date;
}

/** Who is signed in just now, and the end of it. */
export const sessionRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/sessions", { config }, async (request): Promise<Page<SessionRow>> => {
    const { cell, log, principal, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const text = `SELECT session_id, user_id, device_id, zone, started, used, ends FROM session
      WHERE ended IS NULL AND ends > now() ORDER BY used DESC`;
    const [{ rows }, names] = await Promise.all([
      cell.pools.control.query<Row>({ name: "sessions", text }),
      namesOf(log),
    ]);
    await noteAccess("sessions");
    const open = rows.map(
      ({ session_id, user_id, device_id, zone, started, used, ends }): SessionRow => ({
        sessionId: session_id,
        ...(user_id !== null && { userId: user_id, person: names.person(user_id) }),
        ...(device_id !== null && { deviceId: device_id, device: names.device(device_id) }),
        zone,
        started: started.toISOString(),
        used: used.toISOString(),
        ends: ends.toISOString(),
        own: session_id === principal.sessionId,
      }),
    );
    const columns = {
      used: (row: SessionRow) => row.used,
      person: (row: SessionRow) => row.person,
      device: (row: SessionRow) => row.device,
      zone: (row: SessionRow) => row.zone,
      started: (row: SessionRow) => row.started,
      ends: (row: SessionRow) => row.ends,
    };
    return pageRowsOf(open, query, columns, (row) => [row.person, row.userId, row.device, row.deviceId, row.zone]);
  });

  app.post("/control/v1/sessions/:sessionId/end", { config, bodyLimit: 4_000 }, async (request) => {
    const { cell, noteAccess } = await deskCall(cells, request);
    const { sessionId } = parseMessage(byId, request.params);
    parseMessage(sessionEnd, request.body);
    await noteAccess("session-end", { detail: `session ${sessionId}` });
    if ((await cell.sessions.end({ sessionId }, "ended-at-desk")) === 0) throw notHere("open session");
    return {};
  });
};
