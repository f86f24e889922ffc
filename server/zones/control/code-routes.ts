import type { FastifyInstance } from "fastify";
import { type CodeResponse, codeRequest } from "#protocol/control/devices.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { hashOfCode, oneTimeCode } from "../../identity/codes.ts";
import { deskCall } from "./desk-call.ts";

const config = { action: "manage-devices" } as const;

/** One-time codes for new devices. Only their hashes are kept. */
export const codeRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.post("/control/v1/codes", { config, bodyLimit: 4_000 }, async (request, reply): Promise<CodeResponse> => {
    const { by, change } = await deskCall(cells, request);
    const { hours, ...asked } = parseMessage(codeRequest, request.body);
    if ((asked.zone === "care") !== (asked.siteId !== undefined))
      throw new ProblemError(400, "site", "A hospital screen has a site, and nothing else has.", "Choose its site.");
    const code = oneTimeCode();
    const expiresAt = new Date(Date.now() + hours * 3_600_000).toISOString();
    const id = hashOfCode(code);
    await change("code", [{ kind: "enrolment-code", id, state: { ...asked, expiresAt }, by, expected: 0 }]);
    reply.header("cache-control", "no-store");
    return { code, deviceName: asked.deviceName, expiresAt };
  });
};
