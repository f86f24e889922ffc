import type { Server, ServerOptions } from "node:https";
import Fastify, {
  type FastifyError,
  type FastifyHttpsOptions,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions,
} from "fastify";
import { limits } from "#protocol/limits.ts";
import type { ServerConfig } from "../config.ts";
import type { Metrics } from "../metrics.ts";
import type { Zone } from "../trusts.ts";
import { type DeclaredRoute, declareActions } from "./authorize.ts";
import { readJsonBodies } from "./json-body.ts";
import { ProblemError } from "./problem-error.ts";
import { type Caller, limitRates } from "./rate-limits.ts";

const retryAfterMs = 2_000;

export interface ListenerParts {
  config: ServerConfig;
  metrics: Metrics;
  /** Undefined serves plain HTTP. */
  tls: ServerOptions | undefined;
  /** Whom a request's token names, whatever else it asks; null for no token of ours. */
  callerOf?(request: FastifyRequest): Caller | null;
}

export interface Listener {
  app: FastifyInstance;
  /** Grows until the listener listens. */
  routes: readonly DeclaredRoute[];
  /** From now on answers 503, so that clients turn to waiting while what runs is finished. */
  drain(): void;
}

/** A zone's listener with what all zones share: limits, errors as problems, logs without patients, health and metrics. */
export const createListener = async (
  zone: Zone,
  { config, metrics, tls, callerOf = () => null }: ListenerParts,
): Promise<Listener> => {
  const app = createApp(tls, {
    bodyLimit: limits.requestBytesMax,
    connectionTimeout: 30_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 100 },
    logger: {
      level: config.logLevel,
      base: { zone },
      // Paths hold ids only; query strings, headers and bodies are never logged.
      serializers: { req: (request) => ({ method: request.method, path: pathOf(request.url) }) },
    },
  });
  const routes = declareActions(app);
  readJsonBodies(app);
  answerProblems(app);

  let inFlight = 0;
  let draining = false;
  const counted = new WeakSet<FastifyRequest>();
  // Hooks that every request passes call back: a promise each would cost more than what they do.
  app.addHook("onRequest", (request, _reply, done) => {
    if (isUnmetered(request.url)) return done();
    if (draining || inFlight >= config.inFlightMax)
      return done(
        new ProblemError(
          503,
          draining ? "stopping" : "busy",
          draining ? "The server is stopping." : "The server is at its limit.",
          "Keep the entries and try again.",
          retryAfterMs,
        ),
      );
    inFlight += 1;
    counted.add(request);
    metrics.inFlight.set({ zone }, inFlight);
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    metrics.requests.inc({ zone, method: request.method, route, status: reply.statusCode });
    metrics.requestSeconds.observe({ zone, route }, reply.elapsedTime / 1000);
    if (counted.delete(request)) {
      inFlight -= 1;
      metrics.inFlight.set({ zone }, inFlight);
    }
    done();
  });

  await limitRates(app, {
    perMinute: config.requestsPerMinute,
    callerOf,
    isUnmetered: (request) => isUnmetered(request.url),
  });

  const open = { config: { action: "public" } } as const;
  app.get("/healthz", open, async () => ({ zone, status: draining ? "stopping" : "ok" }));
  app.get("/metrics", open, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  return {
    app,
    routes,
    drain: () => {
      draining = true;
    },
  };
};

/** Fastify types a server by its protocol; ours says no more than what both have. */
const createApp = (tls: ServerOptions | undefined, options: FastifyServerOptions): FastifyInstance => {
  if (tls === undefined) return Fastify(options);
  const secure: FastifyHttpsOptions<Server> = { ...(options as object), https: tls };
  const app = Fastify(secure) as unknown as FastifyInstance;
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("strict-transport-security", "max-age=63072000; includeSubDomains");
    done();
  });
  return app;
};

const pathOf = (url: string): string => url.split("?", 1)[0] ?? "";
const isUnmetered = (url: string): boolean => /^\/(healthz|metrics)(\?|$)/.test(url);

const answerProblems = (app: FastifyInstance): void => {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refused = error instanceof ProblemError ? error : asProblem(error);
    if (refused.status >= 500)
      request.log.error({ code: error.code, name: error.name, problem: refused.problem.code }, "failed");
    const wait = refused.problem.retryAfterMs;
    if (wait !== undefined) reply.header("retry-after", Math.ceil(wait / 1000));
    return reply.code(refused.status).type("application/problem+json").send(JSON.stringify(refused.problem));
  });
  app.setNotFoundHandler(() => {
    throw new ProblemError(404, "no-such-route", "There is nothing here.", "See ARCHITECTURE.md, Routes.");
  });
};

/** What fastify or the database threw, in our words. The original message may hold data, so it goes nowhere. */
const asProblem = (error: FastifyError): ProblemError => {
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new ProblemError(
        413,
        "too-large",
        `The body is larger than ${limits.requestBytesMax} bytes.`,
        `Send at most ${limits.pushEntriesMax} entries or ${limits.pushBytesMax} bytes at a time. Nothing was stored.`,
      );
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new ProblemError(415, "media-type", "This media type is not read here.", "Send application/json.");
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return new ProblemError(400, "not-json", "The body is empty.", "Send the message as JSON in UTF-8.");
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500)
    return new ProblemError(
      status,
      "bad-request",
      "The request cannot be read.",
      "Check its method, headers and body.",
    );
  // A full disk, an aborted transaction, a lost database: nothing is known to be stored, so the client keeps it.
  return new ProblemError(
    503,
    "unavailable",
    "The server cannot do this now.",
    "Keep the entries and try again.",
    retryAfterMs,
  );
};
