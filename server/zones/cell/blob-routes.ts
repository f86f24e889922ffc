import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import * as z from "zod/mini";
import { sha256Hex, uuid } from "#domain/entry/entry.ts";
import { limits } from "#protocol/limits.ts";
import type { BlobState } from "../../blobs/blob-store.ts";
import type { Cell } from "../../cell.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { refuseDisposed } from "../../http/disposed.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { mayRead, principalOf } from "../../http/sign-in.ts";
import type { Principal } from "../../identity/identity.ts";
import { rangeOf } from "./byte-range.ts";
import { noteReads, type Readable, readableOf } from "./readable.ts";
import type { SyncRules } from "./sync-routes.ts";

/** Blob requests at once, so that photos and ECG files never take the connections that entries need. */
const lanesMax = 4;
const retryAfterMs = 1_000;

const address = z.object({ recordId: uuid, sha256: sha256Hex });
const upload = z.object({
  offset: z.int().check(z.nonnegative()),
  length: z.int().check(z.positive(), z.maximum(limits.blobBytesMax)),
  type: z.string().check(z.regex(/^[\w.+-]+\/[\w.+-]+$/), z.maxLength(100)),
});

/** `HEAD`, `PATCH`, `GET /blobs/v1/{recordId}/{sha256}`: resumable chunks, in a lane of their own. */
export const blobRoutes = (app: FastifyInstance, rules: Pick<SyncRules, "zone" | "relations">, cells: Cells): void => {
  const { zone } = rules;
  const path = "/blobs/v1/:recordId/:sha256";
  let busy = 0;
  const inLane = async <T>(work: () => Promise<T>): Promise<T> => {
    if (busy >= lanesMax)
      throw new ProblemError(
        503,
        "blobs-busy",
        "Enough attachments are on their way.",
        "Send this chunk again.",
        retryAfterMs,
      );
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
    }
  };
  const called = (request: FastifyRequest): { cell: Cell; principal: Principal; recordId: string; sha256: string } => {
    const cell = cellOf(cells, zone, request);
    const principal = principalOf(cell, zone, request);
    const read = address.safeParse(request.params);
    if (!read.success)
      throw new ProblemError(400, "bad-address", "This is no address of a blob.", "Use /blobs/v1/{recordId}/{sha256}.");
    return { cell, principal, ...read.data };
  };

  app.route({
    method: "HEAD",
    url: path,
    // How much has arrived is part of sending, which outlives a tablet's term to read.
    config: { action: zone === "crew" ? "push" : "read-record" },
    handler: (request, reply) =>
      inLane(async () => {
        const { cell, principal, recordId, sha256 } = called(request);
        const isSending = zone === "crew";
        const { siteId } = isSending ? principal : mayRead(principal);
        if (!isSending) await readableOrGone(cell, request, principal, rules, recordId);
        const state = await cell.blobs.state(siteId, recordId, sha256);
        return state === undefined ? reply.code(404).send() : withState(reply, state).code(200).send();
      }),
  });

  app.register(async (chunks) => {
    chunks.removeAllContentTypeParsers();
    chunks.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: limits.blobChunkBytes }, (_request, body, done) =>
      done(null, body),
    );
    chunks.patch(path, { config: { action: "push" }, bodyLimit: limits.blobChunkBytes }, (request, reply) =>
      inLane(() => takeChunk(request, reply, called(request))),
    );
  });

  app.route({
    method: "GET",
    url: path,
    config: { action: "read-record" },
    exposeHeadRoute: false,
    handler: (request, reply) =>
      inLane(async () => {
        const { cell, principal, recordId, sha256 } = called(request);
        const { siteId, deviceId, person } = mayRead(principal);
        const readable = await readableOrGone(cell, request, principal, rules, recordId);
        const note = () => noteReads(cell, principal, "blob", readable, [recordId]);
        const isBehindGlass = zone === "care" && readable.get(recordId)!.review;
        if (isBehindGlass) await note();
        const reader = isBehindGlass ? { deviceId, userId: person?.userId ?? "" } : siteId;
        const state = await cell.blobs.state(reader, recordId, sha256);
        if (!state?.complete)
          throw new ProblemError(404, "no-blob", "This attachment is not here, or not whole yet.", "Try again later.");
        const range = rangeOf(request.headers.range, state.bytes);
        if (range === null) return reply.code(416).header("content-range", `bytes */${state.bytes}`).send();
        if (!isBehindGlass) await note();
        const { from, to, isPart } = range;
        if (isPart) reply.code(206).header("content-range", `bytes ${from}-${to}/${state.bytes}`);
        const body = await cell.blobs.read(reader, recordId, sha256, from, to);
        return reply.header("accept-ranges", "bytes").header("cache-control", "no-store").type(state.type).send(body);
      }),
  });
};

/** How the caller may read the record; a 404 as for an attachment that is not here if it may not know of it. */
const readableOrGone = async (
  cell: Cell,
  request: FastifyRequest,
  principal: Principal,
  rules: Pick<SyncRules, "relations">,
  recordId: string,
): Promise<Readable> => {
  const readable = await readableOf(cell, request, principal, rules, [recordId]);
  if (readable.has(recordId)) return readable;
  refuseDisposed(cell, recordId);
  throw new ProblemError(404, "no-blob", "This attachment is not here, or not whole yet.", "Try again later.");
};

const withState = (reply: FastifyReply, state: BlobState): FastifyReply =>
  reply.header("upload-offset", state.stored).header("upload-length", state.bytes).header("cache-control", "no-store");

const takeChunk = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { cell, principal, recordId, sha256 }: { cell: Cell; principal: Principal; recordId: string; sha256: string },
): Promise<unknown> => {
  if (principal.zone !== "crew")
    throw new ProblemError(403, "blobs-read-only", "A hospital screen sends no attachments.", "Send it from a tablet.");
  const read = upload.safeParse({
    offset: headerNumber(request, "upload-offset"),
    length: headerNumber(request, "upload-length"),
    type: request.headers["upload-type"],
  });
  const data = request.body;
  if (!read.success || !Buffer.isBuffer(data) || data.length === 0)
    throw new ProblemError(
      400,
      "bad-chunk",
      "The chunk lacks bytes, Upload-Offset, Upload-Length or Upload-Type.",
      `Send 1 to ${limits.blobChunkBytes} bytes with the three headers; a blob has at most ${limits.blobBytesMax} bytes.`,
    );
  const { offset, length: bytes, type } = read.data;
  const done = await cell.blobs.append({ recordId, sha256, offset, bytes, type, data });
  switch (done.outcome) {
    case "stored":
      return reply.code(204).header("upload-offset", done.offset).send();
    case "elsewhere":
      reply.header("upload-offset", done.offset);
      throw new ProblemError(409, "wrong-offset", `The next byte here is ${done.offset}.`, "Go on from Upload-Offset.");
    case "wrong-hash":
      throw new ProblemError(422, "wrong-hash", "The bytes are not what the hash says.", "Send the blob again from 0.");
    case "quota":
      throw new ProblemError(
        507,
        "blob-quota",
        "No room for more attachments.",
        "Keep it; tell whoever runs the base.",
        60_000,
      );
  }
};

const headerNumber = (request: FastifyRequest, name: string): number | undefined => {
  const value = request.headers[name];
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
};
