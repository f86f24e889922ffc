import type { FastifyInstance } from "fastify";
import { type AttachResponse, attachRequest } from "#protocol/attach.ts";
import { type EnrolResponse, enrolRequest } from "#protocol/enrolment.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { addressOf } from "../../http/rate-limits.ts";
import { provingKeyOf } from "../../http/sign-in.ts";
import { attachDevice } from "../../identity/attach.ts";
import type { CellZone } from "../../trusts.ts";
import type { ServersOf } from "./server-list.ts";

/**
 * Enrolments a minute from one address, whatever token comes with them: codes are short, so guesses are few. A station's whole
 * fleet fits.
 */
const enrolmentsPerMinute = 2_000;

/** `POST /identity/v1/enrol`, and `/identity/v1/attach` for a device that another server of the trust enrolled. */
export const identityRoutes = (app: FastifyInstance, zone: CellZone, cells: Cells, servers: ServersOf): void => {
  app.post(
    "/identity/v1/enrol",
    { bodyLimit: 8_000, config: { action: "enrol", rateLimit: { max: enrolmentsPerMinute, keyGenerator: addressOf } } },
    async (request): Promise<EnrolResponse> => {
      const cell = cellOf(cells, zone, request);
      const asked = parseMessage(enrolRequest, request.body);
      const enrolled = await cell.identity.enrol(asked, zone);
      const { deviceId } = asked;
      await cell.access.write({
        deviceId,
        zone,
        action: "enrol",
        purpose: "sign-in",
        relation: "device",
        recordIds: [],
      });
      return { ...enrolled, servers: servers(cell), server: cell.state() };
    },
  );

  app.post(
    "/identity/v1/attach",
    {
      bodyLimit: 20_000,
      config: { action: "enrol", rateLimit: { max: enrolmentsPerMinute, keyGenerator: addressOf } },
    },
    async (request, reply): Promise<AttachResponse> => {
      const cell = cellOf(cells, zone, request);
      const asked = parseMessage(attachRequest, request.body);
      const keyThumbprint = provingKeyOf(cell, request);
      const about = { zone, purpose: "sign-in", relation: "device", recordIds: [] } as const;
      const refused = async (error: unknown): Promise<never> => {
        if (error instanceof ProblemError && error.status === 403)
          await cell.access.write({ ...about, action: "refused", detail: `attach ${error.problem.code}` });
        throw error;
      };
      const { deviceId, ...attached } = await attachDevice(cell, asked, zone, keyThumbprint).catch(refused);
      await cell.access.write({ ...about, deviceId, action: "attach" });
      reply.header("cache-control", "no-store");
      return { ...attached, server: cell.state() };
    },
  );
};
