import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import websocket from "@fastify/websocket";
import { pokeSubprotocol } from "#protocol/poke.ts";
import type { ServerConfig } from "../../config.ts";
import { createListener, type Listener } from "../../http/listener.ts";
import type { Metrics } from "../../metrics.ts";
import type { CellZone } from "../../trusts.ts";

/** A listener that cells are called on from the web apps' origin, and from no other web page. */
export const createCellListener = async (
  zone: CellZone,
  config: ServerConfig,
  metrics: Metrics,
  appOrigins: () => readonly string[],
): Promise<Listener> => {
  const listener = await createListener(zone, config, metrics);
  await listener.app.register(helmet, {
    contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: "cross-origin" },
    // Development and the demonstration speak http; a trust's deployment ends TLS in front and sets this there.
    strictTransportSecurity: false,
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
