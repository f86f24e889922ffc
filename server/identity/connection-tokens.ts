import type { JWK, JWTPayload } from "jose";
import { assertionAlgorithms, assertionType, type TokenError, type TokenRequest } from "#protocol/smart.ts";
import { grantedScopes } from "#sharing/fhir/scopes.ts";
import type { Connections, KnownConnection } from "./connections.ts";
import type { Principal } from "./identity.ts";
import type { UsedOnce } from "./used-once.ts";

/** SMART asks for five minutes at most; there is no refresh token, and another assertion gives another token. */
export const connectionTokenSeconds = 300;
/** How far the clock of another system may be off, s. */
const clockToleranceSeconds = 30;

/** A refusal in OAuth's words, which is what the other system's library reads. */
export class TokenRefusal extends Error {
  readonly error: TokenError;
  /** Whose request it was, if its assertion said so and there is such a connection. Nothing of it is proved. */
  readonly connectionId: string | undefined;
  constructor(error: TokenError, description: string, connectionId?: string) {
    super(description);
    this.name = "TokenRefusal";
    this.error = error;
    this.connectionId = connectionId;
  }
}

export interface GrantedToken {
  principal: Principal;
  scope: string;
}

/**
 * SMART Backend Services: another system signs that it is itself (RFC 7523), once, with a key that the desk knows, and is
 * given what its connection may read. Rejects with TokenRefusal.
 */
export interface ConnectionTokens {
  /** `tokenUrls`: the names that this endpoint goes by. `keyThumbprint`: of the proof that came along, if one did. */
  grant(asked: TokenRequest, at: { tokenUrls: string[]; keyThumbprint: string | undefined }): Promise<GrantedToken>;
}

export const createConnectionTokens = (parts: {
  connections: Connections;
  usedOnce: UsedOnce;
  nowMs: () => number;
}): ConnectionTokens => {
  const { connections, usedOnce, nowMs } = parts;

  const named = async (assertion: string): Promise<KnownConnection> => {
    const { decodeJwt } = await import("jose");
    let issuer: string | undefined;
    try {
      issuer = decodeJwt(assertion).iss;
    } catch {
      throw new TokenRefusal("invalid_client", "The client_assertion is no signed JWT.");
    }
    const connection = issuer === undefined ? undefined : connections.active(issuer);
    if (connection !== undefined) return connection;
    throw new TokenRefusal(
      "invalid_client",
      "No connection of this trust has this iss, or it has ended: ask its desk.",
    );
  };

  const verified = async (assertion: string, connection: KnownConnection, tokenUrls: string[]): Promise<JWTPayload> => {
    const { createLocalJWKSet, errors, jwtVerify } = await import("jose");
    const { connectionId, keys } = connection;
    const refused = (why: string) => new TokenRefusal("invalid_client", why, connectionId);
    try {
      const { payload } = await jwtVerify(assertion, createLocalJWKSet({ keys: keys as JWK[] }), {
        algorithms: [...assertionAlgorithms],
        issuer: connectionId,
        subject: connectionId,
        audience: tokenUrls,
        requiredClaims: ["exp", "jti"],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(nowMs()),
      });
      return payload;
    } catch (error) {
      const ourTime = `here it is ${new Date(nowMs()).toISOString()}`;
      if (error instanceof errors.JWTExpired) throw refused(`The assertion's exp has passed; ${ourTime}.`);
      if (error instanceof errors.JWTClaimValidationFailed)
        throw refused(`The assertion's ${error.claim} is not what it must be: ${claimWords(error.claim, tokenUrls)}.`);
      if (error instanceof errors.JWKSNoMatchingKey)
        throw refused("No key of the connection has the assertion's kid and alg: give the desk the new key.");
      throw refused("The assertion's signature is none of the connection's keys'.");
    }
  };

  return {
    grant: async (asked, { tokenUrls, keyThumbprint }) => {
      if (asked.grant_type !== "client_credentials")
        throw new TokenRefusal("unsupported_grant_type", "Only client_credentials is granted here.");
      if (asked.client_assertion_type !== assertionType)
        throw new TokenRefusal("invalid_request", `The client_assertion_type is ${assertionType}.`);
      const connection = await named(asked.client_assertion);
      const { connectionId, name, siteId, proof, version } = connection;
      const { exp, jti } = await verified(asked.client_assertion, connection, tokenUrls);
      const latest = nowMs() / 1000 + connectionTokenSeconds + clockToleranceSeconds;
      if (exp! > latest)
        throw new TokenRefusal(
          "invalid_client",
          `The assertion's exp is more than five minutes ahead; here it is ${new Date(nowMs()).toISOString()}.`,
          connectionId,
        );
      const use = `assertion of ${connectionId}`;
      if (typeof jti !== "string" || !(await usedOnce.take(use, jti, (exp! + clockToleranceSeconds) * 1000)))
        throw new TokenRefusal("invalid_client", "This assertion's jti was used before: sign a new one.", connectionId);
      if (proof === "dpop" && keyThumbprint === undefined)
        throw new TokenRefusal(
          "invalid_dpop_proof",
          "This connection's tokens are bound to a key: send a DPoP proof (RFC 9449), or ask the desk to allow bearer tokens.",
          connectionId,
        );
      const { types, scope } = grantedScopes(asked.scope, connection.types);
      if (types.length === 0)
        throw new TokenRefusal("invalid_scope", "None of these scopes is given to this connection.", connectionId);
      const principal: Principal = {
        deviceId: connectionId,
        connection: { name, types, version },
        zone: "care",
        siteId,
        readsUntilMs: nowMs() + connectionTokenSeconds * 1000,
        ...(keyThumbprint !== undefined && { keyThumbprint }),
      };
      return { principal, scope };
    },
  };
};

const claimWords = (claim: string, tokenUrls: string[]): string =>
  ({
    aud: `aud is ${tokenUrls[0]}`,
    sub: "sub is the client_id, like iss",
    iss: "iss is the client_id",
    exp: "exp is a time in seconds, at most five minutes ahead",
    jti: "jti is a text, new for each",
    nbf: "nbf is no time to come",
  })[claim] ?? "see SMART Backend Services";
