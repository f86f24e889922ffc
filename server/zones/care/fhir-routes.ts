import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "#server/http/problem-error.ts";
import { handoverBundle } from "#sharing/fhir/bundle.ts";
import { capabilityOf } from "#sharing/fhir/capability.ts";
import { readBinary } from "#sharing/fhir/document.ts";
import { etagOf, historyBundle } from "#sharing/fhir/history-bundle.ts";
import { isFhirId, uuidOfId } from "#sharing/fhir/ids.ts";
import type { Resource } from "#sharing/fhir/r4.ts";
import { isReadableType, type ReadableType, readResource, readVersion, resourceHistory } from "#sharing/fhir/read.ts";
import type { FhirContext } from "#sharing/fhir/view.ts";
import type { LogLine } from "#sharing/log-line.ts";
import { answerOutcomes, fhirJson } from "./operation-outcome.ts";
import type { RecordAccess, RecordRouteDeps } from "./record-access.ts";

interface Asked {
  access: RecordAccess;
  recordId: string;
  lines: LogLine[];
  context: FhirContext;
}
type IdRequest = FastifyRequest<{ Params: { type: string; id: string; vid: string } }>;

/**
 * Registers `GET /fhir/R4/…`: resources by id, their versions and histories, the document of a record, its files. A
 * record the caller's site may not read is 404 like one that does not exist.
 */
export const fhirRoutes = (app: FastifyInstance, deps: RecordRouteDeps): void => {
  app.register(async (fhir) => routes(fhir, deps), { prefix: "/fhir/R4" });
};

const config = { action: "read-fhir" } as const;

const routes = (fhir: FastifyInstance, deps: RecordRouteDeps): void => {
  answerOutcomes(fhir);

  fhir.get("/metadata", { config: { action: "public" } }, async (request, reply) => {
    requireJson(request);
    const context = { base: `${request.protocol}://${request.host}/fhir/R4`, now: new Date().toISOString() };
    return sendJson(reply, capabilityOf(context));
  });

  fhir.get("/Composition/:id/$document", { config }, async (request: IdRequest, reply) => sendDocument(request, reply));
  fhir.get("/Bundle/:id", { config }, async (request: IdRequest, reply) => sendDocument(request, reply));
  const sendDocument = async (request: IdRequest, reply: FastifyReply) => {
    requireJson(request);
    const { lines, context, recordId } = await ask(deps, request);
    if (request.params.id !== recordId) throw notFound();
    return sendResource(request, reply, handoverBundle(lines, context));
  };

  fhir.get("/Binary/:id", { config }, async (request: IdRequest, reply) => {
    const { access, recordId, lines, context } = await ask(deps, request);
    const found = readBinary(lines, request.params.id, context);
    const bytes = found && (await access.blob(recordId, found.sha256));
    if (!bytes) throw notFound();
    if (/json/.test(request.headers.accept ?? ""))
      return sendResource(request, reply, { ...found.binary, data: Buffer.from(bytes).toString("base64") } as Resource);
    // A device says what its file is; whatever it says, a browser must not run it.
    reply.header("content-disposition", "attachment").header("x-content-type-options", "nosniff");
    reply.header("content-security-policy", "sandbox");
    return reply.type(found.binary.contentType).send(Buffer.from(bytes));
  });

  fhir.get("/:type/:id", { config }, async (request: IdRequest, reply) => {
    requireJson(request);
    const type = typeOf(request);
    const { lines, context } = await ask(deps, request);
    return sendResource(request, reply, readResource(lines, type, request.params.id, context));
  });

  fhir.get("/:type/:id/_history", { config }, async (request: IdRequest, reply) => {
    requireJson(request);
    const type = typeOf(request);
    const { lines, context } = await ask(deps, request);
    const versions = resourceHistory(lines, type, request.params.id, context);
    if (versions.length === 0) throw notFound();
    return sendJson(reply, historyBundle(versions, context.base));
  });

  fhir.get("/:type/:id/_history/:vid", { config }, async (request: IdRequest, reply) => {
    requireJson(request);
    const type = typeOf(request);
    const { lines, context } = await ask(deps, request);
    return sendResource(request, reply, readVersion(lines, type, request.params.id, request.params.vid, context));
  });

  fhir.route({
    method: ["POST", "PUT", "PATCH", "DELETE"],
    url: "/*",
    config: { action: "public" },
    handler: () => {
      throw new ProblemError(405, "read-only", "FHIR is read-only here.", "Records are written through /sync/v1/push.");
    },
  });
};

/** The record that an id belongs to, read under the caller's rights and written to the access log. */
const ask = async (deps: RecordRouteDeps, request: IdRequest): Promise<Asked> => {
  const { id } = request.params;
  if (!isFhirId(id))
    throw new ProblemError(400, "bad-id", "This is no FHIR id.", "An id is 1 to 64 letters, digits, hyphens and dots.");
  const access = await deps.access(request);
  const uuid = uuidOfId(id);
  if (uuid === null) throw notFound();
  // Most ids begin with an entry's; a Patient's, Encounter's or document's is the record's own.
  const recordId = (await access.recordOf(uuid)) ?? uuid;
  const lines = await access.read(recordId, "fhir-read");
  if (!lines || lines.length === 0) throw notFound();
  const now = new Date().toISOString();
  return { access, recordId, lines, context: { base: `${access.origin}/fhir/R4`, trust: access.trust, now } };
};

const typeOf = (request: IdRequest): ReadableType => {
  const { type } = request.params;
  if (isReadableType(type)) return type;
  throw new ProblemError(
    404,
    "not-supported",
    "This resource type is not served.",
    "/fhir/R4/metadata lists those that are.",
  );
};

const notFound = () =>
  new ProblemError(
    404,
    "not-found",
    "There is no such resource for this site.",
    "Check the id, and that the record came to this site.",
  );

const requireJson = (request: FastifyRequest): void => {
  const { _format: format } = request.query as { _format?: unknown };
  const wanted = typeof format === "string" ? format : (request.headers.accept ?? "*/*");
  if (/json|\*\/\*|application\/\*/.test(wanted)) return;
  throw new ProblemError(406, "json-only", "Only JSON is answered.", "Accept application/fhir+json.");
};

const sendResource = (request: FastifyRequest, reply: FastifyReply, resource: Resource | null) => {
  if (!resource) throw notFound();
  const etag = etagOf(resource);
  reply.header("etag", etag);
  const { lastUpdated } = resource.meta ?? {};
  if (lastUpdated) reply.header("last-modified", new Date(lastUpdated).toUTCString());
  if (request.headers["if-none-match"] === etag) return reply.code(304).send();
  return sendJson(reply, resource);
};

/** By `JSON.stringify` alone: a serialiser that looks inside numbers would lose their digits. */
const sendJson = (reply: FastifyReply, resource: Resource) =>
  reply.type(fhirJson).header("cache-control", "no-store").send(JSON.stringify(resource));
