import type { FastifyInstance } from "fastify";
import { type EnrolResponse, enrolRequest } from "#protocol/enrolment.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { addressOf } from "../../http/rate-limits.ts";
import type { CellZone } from "../../trusts.ts";

/**
 * Enrolments a minute from one address, whatever token comes with them: codes are short, so guesses are few. A station's whole
 * fleet fits.
 */
const enrolmentsPerMinute = 2_000;

/** `POST /identity/v1/enrol`. */
export const identityRoutes = (app: FastifyInstance, zone: CellZone, cells: Cells): void => {
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
      return { ...enrolled, server: cell.state() };
    },
  );
};
