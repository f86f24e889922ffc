import cors from "@fastify/cors";
import websocket from "@fastify/websocket";
import type { FastifyRequest } from "fastify";
import { pokeSubprotocol } from "#protocol/poke.ts";
import { reasonHeader } from "#protocol/reason.ts";
import { asOfHeader } from "#protocol/server-state.ts";
import { type Cells, cellNamed } from "../../http/cell-host.ts";
import { createListener, type Listener, type ListenerParts } from "../../http/listener.ts";
import { answerProofs, namedBy } from "../../http/sign-in.ts";
import type { CellZone } from "../../trusts.ts";

/**
 * For answers that are data and never a page. Written out, because helmet, which the web apps' pages have, makes its own
 * anew for every request, and a tablet's push is small beside that. Strict-Transport-Security goes with TLS: the listener has it.
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
  parts: ListenerParts,
  cells: Cells,
  appOrigins: () => readonly string[],
): Promise<Listener> => {
  const callerOf = (request: FastifyRequest) => {
    const named = namedBy(cells, zone, request);
    return named && { deviceId: named.deviceId, userId: named.person?.userId };
  };
  const listener = await createListener(zone, { ...parts, callerOf });
  listener.app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
  answerProofs(listener.app);
  if (parts.config.standby !== undefined)
    listener.app.addHook("onSend", (request, reply, payload, done) => {
      const standby = cellNamed(cells, zone, request)?.state().standby;
      if (standby) reply.header(asOfHeader, standby.asOf ?? "none");
      done(null, payload);
    });
  await listener.app.register(cors, {
    origin: (origin, done) => done(null, origin !== undefined && appOrigins().includes(origin)),
    methods: ["GET", "HEAD", "POST", "PATCH"],
    allowedHeaders: [
      "authorization",
      "dpop",
      "content-type",
      "range",
      "upload-offset",
      "upload-length",
      "upload-type",
      reasonHeader,
    ],
    exposedHeaders: [
      "dpop-nonce",
      "www-authenticate",
      "retry-after",
      "upload-offset",
      "upload-length",
      "content-range",
      asOfHeader,
    ],
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
