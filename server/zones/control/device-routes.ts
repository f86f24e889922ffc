import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { type DeviceRow, deviceChange, deviceRelease, type ReleaseResponse } from "#protocol/control/devices.ts";
import { type Page, pageQuery } from "#protocol/control/page.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { stateChange } from "../../identity/devices.ts";
import type { ControlLog, Subject } from "../../logs/control-log.ts";
import { changedMeanwhile, deskCall, notHere } from "./desk-call.ts";
import { deviceColumns, readDevices } from "./device-rows.ts";
import { historyOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

const config = { action: "manage-devices" } as const;
const byId = z.object({ deviceId: z.uuid() });

/** The trust's devices: which there are, what became of one, and what a revoked one pushed since. */
export const deviceRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/devices", { config }, async (request): Promise<Page<DeviceRow>> => {
    const { cell, log, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const all = await readDevices(log, cell.pools.control);
    const page = pageRowsOf(all, query, deviceColumns, (row) => [row.name, row.deviceId, row.siteId, row.state]);
    // An active device's entries wait for nobody.
    const counted = page.rows.map(async (row) =>
      row.state === "active" ? row : { ...row, waiting: await cell.heldBack.waiting(row.deviceId) },
    );
    await noteAccess("devices");
    return { ...page, rows: await Promise.all(counted) };
  });

  app.get("/control/v1/devices/:deviceId/history", { config }, async (request) => {
    const { log, noteAccess } = await deskCall(cells, request);
    const { deviceId } = parseMessage(byId, request.params);
    await noteAccess("device-history", { detail: `device ${deviceId}` });
    return { lines: await historyOf(log, "device", deviceId) };
  });

  app.post("/control/v1/devices/:deviceId", { config, bodyLimit: 4_000 }, async (request) => {
    const { cell, log, by, principal, change } = await deskCall(cells, request);
    const { deviceId } = parseMessage(byId, request.params);
    const { state, reason, expected } = parseMessage(deviceChange, request.body);
    if (deviceId === principal.deviceId && state !== "active")
      throw new ProblemError(409, "own-device", "This is the desk you sit at.", "Revoke it from another desk.");
    const held = await find(log, deviceId, expected);
    const position = await change(`device-${state}`, [stateChange(held, state, by, reason)]);
    if (state !== "active") await cell.sessions.end({ deviceId }, "device-ended");
    // Whoever trusts the device again takes its word for what it wrote meanwhile; what fails here, the device offers again.
    else await cell.heldBack.release(deviceId);
    return { position };
  });

  app.post("/control/v1/devices/:deviceId/release", { config, bodyLimit: 4_000 }, async (request) => {
    const { cell, log, by, change } = await deskCall(cells, request);
    const { deviceId } = parseMessage(byId, request.params);
    const { reason, expected } = parseMessage(deviceRelease, request.body);
    const { kind, id, state } = await find(log, deviceId, expected);
    const siteId = typeof state.siteId === "string" ? state.siteId : undefined;
    // Who takes the device's word, and why, stands in the log before any of its entries does.
    const after = { ...state, releasedAt: new Date().toISOString() };
    await change("device-release", [{ kind, id, siteId, state: after, by, reason, expected }]);
    const { released, left } = await cell.heldBack.release(deviceId);
    const counts: Record<string, number> = {};
    for (const { code } of left) counts[code] = (counts[code] ?? 0) + 1;
    return { released, left: counts } satisfies ReleaseResponse;
  });
};

const find = async (log: ControlLog, deviceId: string, expected: number): Promise<Subject> => {
  const held = await log.find("device", deviceId);
  if (held === undefined) throw notHere("device");
  if (held.position !== expected) throw changedMeanwhile();
  return held;
};
