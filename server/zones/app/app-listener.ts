import { existsSync } from "node:fs";
import { join } from "node:path";
import helmet from "@fastify/helmet";
import statics from "@fastify/static";
import type { FastifyRequest } from "fastify";
import { createListener, type Listener, type ListenerParts } from "../../http/listener.ts";
import { ProblemError } from "../../http/problem-error.ts";

/** The cells' origins as a browser addresses them, in the order the apps show them. */
export interface Endpoint {
  trust: string;
  name: string;
  crew: string;
  care: string;
  control: string;
  /** Where the same trust's standby answers tablets and screens. */
  standby?: { crew: string; care: string; control: string };
}

const apps = ["tablet", "hospital", "control"] as const;
const dist = join(import.meta.dirname, "../../../dist");

/** Static files of the web apps, each on a host name of its own: origins without secrets, which call the cells. */
export const createAppListener = async (parts: ListenerParts, endpoints: readonly Endpoint[]): Promise<Listener> => {
  const { domain } = parts.config;
  const listener = await createListener("app", parts);
  const { app } = listener;
  const origins = endpoints.flatMap(({ crew, care, control, standby }) => [
    ...[crew, care, control],
    ...(standby ? Object.values(standby) : []),
  ]);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // docs/decisions/0005-no-inline-script-or-style.md
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:", "blob:"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        workerSrc: ["'self'"],
        connectSrc: ["'self'", ...origins, ...origins.map((origin) => origin.replace(/^http/, "ws"))],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
    // The listener's own, which goes with TLS.
    strictTransportSecurity: false,
  });

  const open = { config: { action: "public" } } as const;
  app.get("/endpoints.json", open, async (request, reply) => {
    appOf(request, domain);
    return reply.header("cache-control", "no-cache").send({ trusts: endpoints });
  });

  // Wildcard files with the folder chosen by host; unknown paths are the app's own routes and answer its page.
  await app.register(statics, { root: dist, serve: false, cacheControl: false, dotfiles: "deny" });
  app.get("/*", open, (request, reply) => {
    const name = appOf(request, domain);
    const path = decodeURIComponent(request.url.split("?", 1)[0] ?? "/").replace(/^\/+/, "");
    const folder = join(dist, name);
    const isFile = path !== "" && !path.includes("..") && existsSync(join(folder, path)) && /\.\w+$/.test(path);
    if (!existsSync(join(folder, "index.html")))
      throw new ProblemError(
        503,
        "not-built",
        "The web apps are not built.",
        "Run `npm run build`, then reload.",
        10_000,
      );
    // The apps' own routes hold neither: to answer them with the page would look like a file left lying about.
    if (!isFile && /[.~][^/]*$/.test(path))
      throw new ProblemError(404, "no-such-file", "There is no such file.", "Reload the app.");
    reply.header("cache-control", isFile && isHashed(path) ? "public, max-age=31536000, immutable" : "no-cache");
    return reply.sendFile(isFile ? path : "index.html", folder);
  });
  return listener;
};

/** `assets/index-B1a2c3d4.js`: the name changes with the content. */
const isHashed = (path: string): boolean => /^assets\/.+-[\w-]{8}\.\w+$/.test(path);

const appOf = (request: FastifyRequest, domain: string): (typeof apps)[number] => {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  const name = apps.find((each) => host === `${each}.${domain}`);
  if (name) return name;
  const todo = `Open ${apps.map((each) => `${each}.${domain}`).join(" or ")} with this port.`;
  throw new ProblemError(421, "unknown-host", "No web app is served under this host name.", todo);
};
