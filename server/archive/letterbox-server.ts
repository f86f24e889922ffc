import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Fastify, { type FastifyError } from "fastify";
import { logNames } from "#defence/log/line.ts";
import { readOfficers } from "../epochs/officers.ts";
import { listenOn } from "../http/listen.ts";
import { ProblemError } from "../http/problem-error.ts";
import { existingSecret } from "../secrets.ts";
import { blobsFolder } from "./blob-piece.ts";
import { directoryStore } from "./directory-store.ts";
import { createLetterbox, headsFolder } from "./letterbox.ts";
import { letterboxRoutes } from "./letterbox-routes.ts";
import { logKeyOf } from "./log-key.ts";
import { folderOf } from "./segment.ts";

export interface LetterboxOptions {
  /** Of the letterbox's own account: segments, secrets and the trusts' log keys. */
  directory: string;
  bind: string;
  /** 0 is any free port. */
  port: number;
  /** How long a segment is kept, days. Nothing removes one before. */
  keepDays: number;
  trusts: readonly string[];
}

export interface LetterboxServer {
  port: number;
  /** Removes what is older than its lock; resolves to the names. Runs by itself once a day. */
  sweep(): Promise<string[]>;
  close(): Promise<void>;
}

const dayMs = 86_400_000;

/** The letterbox as a process serves it. */
export const startLetterbox = async (options: LetterboxOptions): Promise<LetterboxServer> => {
  const { directory, trusts } = options;
  const store = directoryStore(join(directory, "segments"));
  const logKeys = (trust: string): KeyObject[] => {
    try {
      const path = join(directory, `${trust}.log-key`);
      return readFileSync(path, "utf8").trim().split("\n").map(logKeyOf);
    } catch {
      return [];
    }
  };
  const officers = (trust: string): KeyObject[] => readOfficers(directory, trust);
  const todo = "make it with `holdfast archive init`, or give --data the directory that it made for the letterbox.";
  const secrets = {
    append: existingSecret(join(directory, "secrets", "append"), todo),
    read: existingSecret(join(directory, "secrets", "read"), todo),
  };
  const app = Fastify({ logger: { level: "warn" }, forceCloseConnections: true });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof ProblemError) return reply.code(error.status).send(error.problem);
    const status = error.statusCode ?? 503;
    if (status >= 500) request.log.error({ code: error.code, name: error.name }, "failed");
    return reply.code(status).send({ code: "unavailable", title: "The letterbox cannot do this.", todo: "Try again." });
  });
  app.get("/healthz", async () => ({ status: "ok" }));
  letterboxRoutes(app, createLetterbox({ store, logKeys, officers }), secrets);

  const sweep = async (): Promise<string[]> => {
    const before = new Date(Date.now() - options.keepDays * dayMs);
    const folders = trusts.flatMap((trust) => [
      ...logNames.flatMap((log) => [folderOf(trust, log), headsFolder(trust, log)]),
      blobsFolder(trust),
    ]);
    const removed = await Promise.all(folders.map((folder) => store.removeBefore(folder, before)));
    return removed.flat();
  };
  const timer = setInterval(() => void sweep().catch(() => {}), dayMs);
  timer.unref();
  const { bind: host, port } = options;
  return {
    port: await listenOn(app, { host, port, who: "the letterbox", todo: "give --port another (0 is any free one)" }),
    sweep,
    close: async () => {
      clearInterval(timer);
      await app.close();
    },
  };
};
