import type { FastifyInstance } from "fastify";
import { refreshRequest, type SessionTokens } from "#protocol/session.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { principalOf, provingKeyOf, tellNonce } from "../../http/sign-in.ts";
import { accessor } from "../../logs/access-line.ts";
import type { CellZone } from "../../trusts.ts";

const config = { action: "sign-in" } as const;

/**
 * `GET /identity/v1/nonce`: the nonce for a first proof, for clients that cannot read it in a refusal.
 * `POST /identity/v1/refresh`: a person's next tokens. `POST /identity/v1/sign-out`: ends the caller's session.
 */
export const sessionRoutes = (app: FastifyInstance, zone: CellZone, cells: Cells): void => {
  app.get("/identity/v1/nonce", { config }, async (request, reply) => {
    tellNonce(cellOf(cells, zone, request), request);
    return reply.code(204).header("cache-control", "no-store").send();
  });

  app.post("/identity/v1/refresh", { config, bodyLimit: 2_000 }, async (request, reply): Promise<SessionTokens> => {
    const cell = cellOf(cells, zone, request);
    const { refreshToken } = parseMessage(refreshRequest, request.body);
    reply.header("cache-control", "no-store");
    return cell.sessions.refresh(refreshToken, provingKeyOf(cell, request));
  });

  app.post("/identity/v1/sign-out", { config, bodyLimit: 2_000 }, async (request, reply) => {
    const cell = cellOf(cells, zone, request);
    const principal = principalOf(cell, zone, request);
    const { sessionId } = principal;
    if (sessionId !== undefined) await cell.sessions.end({ sessionId }, "signed-out");
    await cell.access.write({
      ...accessor(principal),
      action: "sign-out",
      purpose: "sign-in",
      relation: "device",
      recordIds: [],
    });
    return reply.code(204).send();
  });
};
