import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "./problem-error.ts";

/** Who a request counts for: those whom a valid token names. */
export interface Caller {
  deviceId: string;
  userId: string | undefined;
}

/** Buckets remembered; the oldest goes first. */
const bucketsMax = 20_000;

/**
 * So many requests a minute from one device at one address, and from one person, once a valid token says who they are, and from one address
 * before that. A token that is not ours names nobody: whoever makes them up stays in the bucket of their address.
 */
export const limitRates = async (
  app: FastifyInstance,
  parts: {
    perMinute: number;
    callerOf(request: FastifyRequest): Caller | null;
    isUnmetered(request: FastifyRequest): boolean;
  },
): Promise<void> => {
  const callers = new WeakMap<FastifyRequest, Caller | null>();
  const callerOf = (request: FastifyRequest): Caller | null => {
    const known = callers.get(request);
    if (known !== undefined) return known;
    const caller = parts.callerOf(request);
    callers.set(request, caller);
    return caller;
  };
  const limit = { max: parts.perMinute, timeWindow: 60_000, cache: bucketsMax };
  await app.register(rateLimit, {
    ...limit,
    keyGenerator: (request) => {
      const caller = callerOf(request);
      // Where it comes from counts too: a push is not proved, and whoever copied its token must not use up the tablet's own share.
      return caller === null ? addressOf(request) : `device ${caller.deviceId}, ${addressOf(request)}`;
    },
    allowList: (request) => parts.isUnmetered(request),
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  });
  const checkPerson = app.createRateLimit({
    ...limit,
    allowList: (request) => callerOf(request)?.userId === undefined,
    keyGenerator: (request) => `person ${callerOf(request)?.userId}`,
  });
  app.addHook("onRequest", (request, _reply, done) => {
    if (callerOf(request)?.userId === undefined) return done();
    checkPerson(request).then(
      (answer) => done(answer.isAllowed || !answer.isExceeded ? undefined : tooMany(answer.ttl)),
      done,
    );
  });
};

const tooMany = (ttlMs: number): ProblemError =>
  new ProblemError(429, "too-many-requests", "Too many requests.", "Wait, then try again.", ttlMs);

/** An IPv6 caller has 2^64 addresses to itself, so its network counts as one. */
export const addressOf = (request: Pick<FastifyRequest, "ip">): string => {
  const { ip } = request;
  if (!ip.includes(":")) return `address ${ip}`;
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (v4 !== undefined) return `address ${v4}`;
  const [head = "", tail] = ip.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => "0"), ...after];
  return `address ${groups.slice(0, 4).join(":")}::/64`;
};
