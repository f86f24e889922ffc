import type { FastifyInstance } from "fastify";
import type { RecordRouteDeps } from "#server/zones/care/record-access.ts";

/** Registers `GET /records/v1/{recordId}/page.pdf`. */
export const pageRoutes = (_app: FastifyInstance, _deps: RecordRouteDeps): void => {};
