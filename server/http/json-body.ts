import type { FastifyInstance } from "fastify";
import { limits } from "#protocol/limits.ts";
import { ProblemError } from "./problem-error.ts";

/** Whether a JSON value nests deeper than `depthMax`. Walks no deeper than that, so hostile input costs no stack. */
const isDeeperThan = (value: unknown, depthMax: number): boolean => {
  if (typeof value !== "object" || value === null) return false;
  if (depthMax === 0) return true;
  for (const each of Array.isArray(value) ? value : Object.values(value))
    if (isDeeperThan(each, depthMax - 1)) return true;
  return false;
};

/** JSON bodies, limited in bytes by the listener and in depth here. Any other media type is 415. */
export const readJsonBodies = (zone: FastifyInstance): void => {
  zone.removeAllContentTypeParsers();
  zone.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    let value: unknown;
    try {
      value = JSON.parse(body.toString());
    } catch {
      done(new ProblemError(400, "not-json", "The body is not JSON.", "Send the message as JSON in UTF-8."));
      return;
    }
    if (isDeeperThan(value, limits.jsonDepthMax)) {
      const title = `The body nests deeper than ${limits.jsonDepthMax} levels.`;
      done(new ProblemError(400, "too-deep", title, "Send the message as protocol/ describes it."));
      return;
    }
    done(null, value);
  });
};
