import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { ConnectionKey } from "#protocol/control/connections.ts";
import { assertionType } from "#protocol/smart.ts";
import type { RunningServer } from "#server/main.ts";
import { call, type TestAnswer, type TestCall } from "./boot.ts";

export type Algorithm = "RS384" | "ES384";

/** Another vendor's system as it sees itself: a pair of keys, and a client id once a desk has given it one. */
export interface OtherSystem {
  key: ConnectionKey;
  /** A signed assertion; `claims` and `header` are put over the right ones, undefined takes one away. */
  sign(clientId: string, audience: string, claims?: Record<string, unknown>, header?: { kid: string }): Promise<string>;
}

export const newOtherSystem = async (alg: Algorithm = "ES384", kid: string = randomUUID()): Promise<OtherSystem> => {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  return {
    key: { ...(await exportJWK(publicKey)), kid, alg } as ConnectionKey,
    sign: (clientId, aud, claims = {}, header = { kid }) => {
      const exp = Math.floor(Date.now() / 1000) + 240;
      const said = { iss: clientId, sub: clientId, aud, exp, jti: randomUUID(), ...claims };
      return new SignJWT(said).setProtectedHeader({ alg, typ: "JWT", ...header }).sign(privateKey);
    },
  };
};

/** Asks for a token with this assertion; `more` names the key of a proof. */
export const askToken = (
  server: Pick<RunningServer, "ports">,
  assertion: string,
  scope = "system/*.r",
  more: Partial<TestCall> & { form?: Record<string, string> } = {},
): Promise<TestAnswer> => {
  const { form, ...to } = more;
  const fields = {
    grant_type: "client_credentials",
    scope,
    client_assertion_type: assertionType,
    client_assertion: assertion,
    ...form,
  };
  return call(server, {
    zone: "care",
    path: "/identity/v1/token",
    body: new URLSearchParams(fields).toString(),
    ...to,
    headers: { "content-type": "application/x-www-form-urlencoded", ...to.headers },
  });
};
