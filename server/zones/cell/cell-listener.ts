import cors from "@fastify/cors";
import websocket from "@fastify/websocket";
import { pokeSubprotocol } from "#protocol/poke.ts";
import type { ServerConfig } from "../../config.ts";
import { createListener, type Listener } from "../../http/listener.ts";
import type { Metrics } from "../../metrics.ts";
import type { CellZone } from "../../trusts.ts";

/**
 * For answers that are data and never a page. Written out, because helmet, which the web apps' pages have, makes its own
 * anew for every request, and a tablet's push is small beside that. No Strict-Transport-Security: development and the
 * demonstration speak http; a trust's deployment ends TLS in front and sets it there.
 */
const securityHeaders = {
  "content-security-policy": "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "cross-origin",
  "origin-agent-cluster": "?1",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "0",
};

/** A listener that cells are called on from the web apps' origin, and from no other web page. */
export const createCellListener = async (
  zone: CellZone,
  config: ServerConfig,
  metrics: Metrics,
  appOrigins: () => readonly string[],
): Promise<Listener> => {
  const listener = await createListener(zone, config, metrics);
  listener.app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
  await listener.app.register(cors, {
    origin: (origin, done) => done(null, origin !== undefined && appOrigins().includes(origin)),
    methods: ["GET", "HEAD", "POST", "PATCH"],
    allowedHeaders: ["authorization", "content-type", "range", "upload-offset", "upload-length", "upload-type"],
    exposedHeaders: ["retry-after", "upload-offset", "upload-length", "content-range"],
    maxAge: 600,
  });
  await listener.app.register(websocket, {
    options: {
      maxPayload: 32_768,
      handleProtocols: (offered) => (offered.has(pokeSubprotocol) ? pokeSubprotocol : false),
    },
  });
  return listener;
};
