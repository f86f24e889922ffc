import type { FastifyInstance } from "fastify";
import type { RecordRouteDeps } from "./record-access.ts";

/** Registers `GET /fhir/R4/…`. */
export const fhirRoutes = (_app: FastifyInstance, _deps: RecordRouteDeps): void => {};
