import type { FastifyInstance, FastifyRequest } from "fastify";
import { assertionAlgorithms, type TokenProblem, type TokenResponse, tokenRequest } from "#protocol/smart.ts";
import { connectionTypes } from "#sharing/fhir/scopes.ts";
import type { Cell } from "../../cell.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { addressOf } from "../../http/rate-limits.ts";
import { provingKeyOf } from "../../http/sign-in.ts";
import { connectionTokenSeconds, TokenRefusal } from "../../identity/connection-tokens.ts";
import { ProofProblem } from "../../identity/dpop.ts";
import { issueToken } from "../../identity/tokens.ts";
import { accessor } from "../../logs/access-line.ts";

const tokenPath = "/identity/v1/token";
/** One system asks every five minutes; many may come from one address. */
const tokensPerMinute = 120;

/**
 * SMART Backend Services, for other systems that read FHIR: `GET /fhir/R4/.well-known/smart-configuration` says how, and
 * `POST /identity/v1/token` gives a token for a signed assertion.
 */
export const tokenRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/fhir/R4/.well-known/smart-configuration", { config: { action: "public" } }, async (request) => ({
    token_endpoint: `${originOf(request)}${tokenPath}`,
    token_endpoint_auth_methods_supported: ["private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    grant_types_supported: ["client_credentials"],
    dpop_signing_alg_values_supported: ["ES256"],
    scopes_supported: connectionTypes.map((type) => `system/${type}.r`),
    // SMART requires the field of every server; nothing here is asked for by a code.
    code_challenge_methods_supported: ["S256"],
    capabilities: ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
  }));

  app.register(async (oauth) => {
    oauth.removeAllContentTypeParsers();
    oauth.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    const config = { action: "sign-in", rateLimit: { max: tokensPerMinute, keyGenerator: addressOf } } as const;
    oauth.post(tokenPath, { config, bodyLimit: 10_000 }, async (request, reply) => {
      const cell = cellOf(cells, "care", request);
      reply.header("cache-control", "no-store");
      try {
        return await answer(cell, request);
      } catch (error) {
        const refused = asRefusal(error);
        if (refused === null) throw error;
        note(cell, refused);
        const problem: TokenProblem = { error: refused.error, error_description: refused.message };
        return reply.code(refused.error === "invalid_client" ? 401 : 400).send(problem);
      }
    });
  });
};

const answer = async (cell: Cell, request: FastifyRequest): Promise<TokenResponse> => {
  const asked = tokenRequest.safeParse(request.body);
  if (!asked.success)
    throw new TokenRefusal("invalid_request", "Send grant_type, scope, client_assertion_type and client_assertion.");
  const keyThumbprint = request.headers.dpop === undefined ? undefined : provingKeyOf(cell, request);
  // What ends TLS in front may have called by http.
  const tokenUrl = `${originOf(request)}${tokenPath}`;
  const tokenUrls = [tokenUrl, tokenUrl.replace(/^http:/, "https:")];
  const { principal, scope } = await cell.connectionTokens.grant(asked.data, { tokenUrls, keyThumbprint });
  await cell.access.write({
    ...accessor(principal),
    action: "sign-in",
    purpose: "integration",
    relation: "none",
    recordIds: [],
    detail: scope,
  });
  return {
    access_token: issueToken(cell.keyRing.tokenKey, principal),
    token_type: keyThumbprint === undefined ? "bearer" : "DPoP",
    expires_in: connectionTokenSeconds,
    scope,
  };
};

const originOf = (request: FastifyRequest): string => `${request.protocol}://${request.headers.host}`;

/** What OAuth has words for; anything else is answered like everywhere. */
const asRefusal = (error: unknown): TokenRefusal | null => {
  if (error instanceof TokenRefusal) return error;
  if (error instanceof ProofProblem) return new TokenRefusal(error.error, `${error.message} ${error.problem.todo}`);
  if (error instanceof ProblemError && error.status === 400) return new TokenRefusal("invalid_request", error.message);
  return null;
};

/** Somebody tried a connection's door. It shows nobody anything, so the answer does not wait. */
const note = (cell: Cell, { error, connectionId }: TokenRefusal): void => {
  // A proof's first nonce is asked for in this way.
  if (error === "use_dpop_nonce") return;
  cell.access
    .write({
      ...(connectionId !== undefined && { deviceId: connectionId }),
      zone: "care",
      action: "refused",
      purpose: "integration",
      relation: "none",
      recordIds: [],
      detail: `token ${error}`,
    })
    .catch(() => {});
};
