import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Fastify, { type FastifyError } from "fastify";
import { logNames } from "#defence/log/line.ts";
import { logKeyOf } from "../archive/log-key.ts";
import { SetupProblem } from "../config.ts";
import { readOfficers } from "../epochs/officers.ts";
import { BadOpening, signedOpening } from "../epochs/opening.ts";
import { listenOn } from "../http/listen.ts";
import { logNoteKey } from "./checkpoint.ts";
import { BadNote, type NoteKey } from "./note.ts";
import { createWitness, WitnessRefusal } from "./witness.ts";
import { witnessKey } from "./witness-key.ts";
import { directoryMemory } from "./witness-memory.ts";

export interface WitnessOptions {
  /** Of the witness's own account: its key, and the last head of each log. One process a directory. */
  directory: string;
  /** As others know it, such as `witness.example/northern`. */
  name: string;
  /** Files `<trust>.log-key`. */
  logKeyFiles: readonly string[];
  bind: string;
  /** 0 is any free port. */
  port: number;
}

export interface WitnessServer {
  port: number;
  /** See `witnessKey`. */
  verifier: string;
  close(): Promise<void>;
}

const bodyBytesMax = 32_000;

/** C2SP tlog-witness: `POST /add-checkpoint`; `POST /open-epoch` with what two officers signed; and `GET /heads`, the last heads that it signed, one after the other. */
export const startWitness = async (options: WitnessOptions): Promise<WitnessServer> => {
  const { directory, name } = options;
  const { key, verifier } = witnessKey(directory, name);
  const memory = directoryMemory(join(directory, "heads"));
  const logs = options.logKeyFiles.flatMap(readLogKeys);
  // The list of a trust's officers lies beside its log key.
  const folders = [...new Set(options.logKeyFiles.map((file) => dirname(file)))];
  const officers = (trust: string): KeyObject[] => folders.flatMap((folder) => readOfficers(folder, trust));
  const witness = createWitness({ name, key, logs, memory, officers, now: () => new Date() });
  const app = Fastify({ logger: { level: "warn" }, forceCloseConnections: true, bodyLimit: bodyBytesMax });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    reply.type("text/plain; charset=utf-8");
    if (error instanceof WitnessRefusal && error.size !== undefined)
      return reply.code(error.status).type("text/x.tlog.size").send(`${error.size}\n`);
    if (error instanceof WitnessRefusal) return reply.code(error.status).send(`${error.message}\n`);
    if (error instanceof BadNote || error instanceof BadOpening || error instanceof SyntaxError)
      return reply.code(400).send(`${error.message}\n`);
    const status = error.statusCode ?? 503;
    if (status >= 500) request.log.error({ code: error.code, name: error.name }, "failed");
    return reply.code(status).send("The witness cannot do this.\n");
  });
  app.get("/healthz", async () => ({ status: "ok" }));
  app.post("/add-checkpoint", async (request, reply) => {
    const signed = await witness.add(String(request.body ?? ""));
    return reply.type("text/plain; charset=utf-8").send(signed);
  });
  app.post("/open-epoch", async (request, reply) => {
    const signed = signedOpening.safeParse(JSON.parse(String(request.body || "null")));
    if (!signed.success) return reply.code(400).send("This is no opening of an epoch.\n");
    await witness.openEpoch(signed.data);
    return reply.code(201).send("");
  });
  app.get("/heads", async () => ({ heads: witness.heads() }));
  const { bind: host, port } = options;
  return {
    port: await listenOn(app, { host, port, who: "the witness", todo: "give --port another (0 is any free one)" }),
    verifier,
    close: () => app.close(),
  };
};

/** Of the trust that the file's name says. */
const readLogKeys = (path: string): NoteKey[] => {
  const trust = /^([a-z0-9-]{1,40})\.log-key$/.exec(basename(path))?.[1];
  let keys: KeyObject[] = [];
  try {
    keys = readFileSync(path, "utf8").trim().split("\n").map(logKeyOf);
  } catch {
    // Told below.
  }
  if (trust !== undefined && keys.length > 0)
    return keys.flatMap((key) => logNames.map((log) => logNoteKey(trust, log, key)));
  throw new SetupProblem(
    "no-log-key",
    `${path} holds no log key of a trust.`,
    "take <trust>.log-key from what `holdfast archive init` made, under that name.",
  );
};
