import { hash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import * as z from "zod/mini";
import { logNames } from "#defence/log/line.ts";
import { BadOpening, readOpening, signedOpening } from "../epochs/opening.ts";
import { BadNote } from "../heads/note.ts";
import { parseMessage } from "../http/parse.ts";
import { ProblemError } from "../http/problem-error.ts";
import { pieceBytes } from "./blob-piece.ts";
import { EpochClosed, type Letterbox, NotNext } from "./letterbox.ts";
import { BadSealedFile } from "./sealed-file.ts";

/** A segment of 4 MB of lines that would not compress, sealed. */
export const segmentBytesMax = 16_000_000;
/** A piece of a blob with its header. */
const pieceBodyMax = pieceBytes + 16_000;
const openingBytesMax = 16_000;
/** A head with every witness's cosignature. */
const headBytesMax = 16_000;

/** Two words that open the two directions; the base holds the first alone. */
export interface LetterboxSecrets {
  /** Of the first base; an opening names the hash of the next one's. */
  append: string;
  read: string;
}

const byLog = z.object({ trust: z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)), log: z.enum(logNames) });
const name = z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]{0,120}$/));
const byName = z.extend(byLog, { name });
const byTrust = z.pick(byLog, { trust: true });
const byBlob = z.extend(byTrust, { name });
const afterName = z.object({ after: z._default(z.union([name, z.literal("")]), "") });
const afterQuery = z.object({ after: z._default(z.string().check(z.regex(/^\d{1,15}$/)), "0") });

/**
 * `/letterbox/v1/{trust}/{log}`: `POST` takes the next segment, `GET` says where the log ends; `GET …/segments` names those after
 * a position and `GET …/segments/{name}` gives one; `POST …/heads` keeps a signed head, and `GET …/heads` gives those after a size to
 * both directions: they hold sizes, roots and signatures. `POST` and `GET /letterbox/v1/{trust}/epochs`: the openings of epochs. `/letterbox/v1/{trust}/blobs` is the same for pieces of blobs, by their
 * names. There is no verb that changes or removes.
 */
export const letterboxRoutes = (app: FastifyInstance, letterbox: Letterbox, secrets: LetterboxSecrets): void => {
  const path = "/letterbox/v1/:trust/:log";
  /** Whoever holds either; what the base of a closed epoch sends is then refused by its epoch, which is what it has to learn. */
  const appends = async (request: FastifyRequest, also: readonly string[] = []) => {
    const { trust } = parseMessage(byTrust, request.params);
    const hashes = (await letterbox.openings(trust)).map((each) => readOpening(each).appendHash);
    if (!hashes.includes(hash("sha256", secretOf(request)))) require(request, [secrets.append, ...also]);
  };
  const reads = (request: FastifyRequest) => require(request, [secrets.read]);

  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  app.post(path, { bodyLimit: segmentBytesMax }, async (request, reply) => {
    await appends(request);
    const { trust, log } = parseMessage(byLog, request.params);
    if (!Buffer.isBuffer(request.body))
      throw new ProblemError(415, "media-type", "This is no segment.", "Send its bytes.");
    try {
      return reply.code(201).send(await letterbox.take(trust, log, request.body));
    } catch (error) {
      if (error instanceof NotNext)
        return reply.code(409).send({ ...problemOf("not-next", error.message), end: error.end });
      if (error instanceof EpochClosed)
        return reply.code(409).send({ ...problemOf("epoch-closed", error.message), opened: error.opened });
      if (error instanceof BadSealedFile) throw new ProblemError(422, error.code, error.message, todoOf(error));
      throw asStorageProblem(error);
    }
  });

  const epochs = "/letterbox/v1/:trust/epochs";
  // Whoever brings it: the officers' signatures are what counts.
  app.post(epochs, { bodyLimit: openingBytesMax }, async (request, reply) => {
    const { trust } = parseMessage(byTrust, request.params);
    const opening = parseMessage(signedOpening, request.body);
    try {
      await letterbox.openEpoch(trust, opening);
    } catch (error) {
      if (error instanceof BadOpening)
        throw new ProblemError(422, "bad-opening", error.message, "Prepare it again, and have two officers sign it.");
      throw asStorageProblem(error);
    }
    return reply.code(201).send({});
  });
  app.get(epochs, async (request) => {
    await appends(request, [secrets.read]);
    const { trust } = parseMessage(byTrust, request.params);
    return { openings: await letterbox.openings(trust) };
  });

  app.post(`${path}/heads`, { bodyLimit: headBytesMax }, async (request, reply) => {
    await appends(request);
    const { trust, log } = parseMessage(byLog, request.params);
    try {
      await letterbox.keepHead(trust, log, String(request.body));
    } catch (error) {
      if (error instanceof BadNote)
        throw new ProblemError(422, "bad-head", error.message, "Send the head of what was taken.");
      throw asStorageProblem(error);
    }
    return reply.code(201).send({});
  });
  app.get(`${path}/heads`, async (request) => {
    await appends(request, [secrets.read]);
    const { trust, log } = parseMessage(byLog, request.params);
    const { after } = parseMessage(afterQuery, request.query);
    return { heads: await letterbox.heads(trust, log, Number(after)) };
  });
  app.get(path, async (request) => {
    await appends(request, [secrets.read]);
    const { trust, log } = parseMessage(byLog, request.params);
    return letterbox.end(trust, log);
  });
  app.get(`${path}/segments`, async (request) => {
    reads(request);
    const { trust, log } = parseMessage(byLog, request.params);
    const { after } = parseMessage(afterQuery, request.query);
    return { names: await letterbox.after(trust, log, Number(after)) };
  });
  app.get(`${path}/segments/:name`, async (request, reply) => {
    reads(request);
    const { trust, log, name } = parseMessage(byName, request.params);
    const file = await letterbox.read(trust, log, name);
    if (file === undefined)
      throw new ProblemError(404, "no-segment", "There is no such segment.", "Ask which there are.");
    return reply.type("application/octet-stream").send(file);
  });

  const blobs = "/letterbox/v1/:trust/blobs";
  app.post(blobs, { bodyLimit: pieceBodyMax }, async (request, reply) => {
    await appends(request);
    const { trust } = parseMessage(byTrust, request.params);
    if (!Buffer.isBuffer(request.body))
      throw new ProblemError(415, "media-type", "This is no piece of a blob.", "Send its bytes.");
    try {
      await letterbox.takeBlob(trust, request.body);
    } catch (error) {
      if (error instanceof BadSealedFile) throw new ProblemError(422, error.code, error.message, todoOf(error));
      throw asStorageProblem(error);
    }
    return reply.code(201).send({});
  });
  app.get(blobs, async (request) => {
    reads(request);
    const { trust } = parseMessage(byTrust, request.params);
    const { after } = parseMessage(afterName, request.query);
    return { names: await letterbox.blobs(trust, after) };
  });
  app.get(`${blobs}/:name`, async (request, reply) => {
    reads(request);
    const { trust, name: piece } = parseMessage(byBlob, request.params);
    const file = await letterbox.readBlob(trust, piece);
    if (file === undefined)
      throw new ProblemError(404, "no-blob", "There is no such piece of a blob.", "Ask which there are.");
    return reply.type("application/octet-stream").send(file);
  });
};

const secretOf = (request: FastifyRequest): string =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";

const require = (request: FastifyRequest, any: readonly string[]): void => {
  const given = Buffer.from(secretOf(request));
  const isOne = any.some((secret) => {
    const expected = Buffer.from(secret);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  if (isOne) return;
  throw new ProblemError(
    401,
    "letterbox-secret",
    "This is not the secret for that.",
    "Give the letterbox's own secret.",
  );
};

const problemOf = (code: string, title: string) => ({ code, title, todo: "Go on from there." });

const todoOf = ({ code }: BadSealedFile): string =>
  code === "bad-signature"
    ? "Give the letterbox the trust's log key, if it is a new one of its own."
    : "Seal those lines again; the archive's alert names this segment.";

/** What a full or a locked disk says. The base keeps its lines and tries again. */
const asStorageProblem = (error: unknown): unknown => {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new ProblemError(
      507,
      "letterbox-full",
      "The letterbox's disk is full.",
      "Give it room; the base keeps what it has.",
      30_000,
    );
  if (code === "EROFS" || code === "EACCES" || code === "EPERM")
    return new ProblemError(
      503,
      "letterbox-read-only",
      "The letterbox cannot write.",
      "Make its disk writable again.",
      30_000,
    );
  return error;
};
