import { type AttachRequest, type AttachResponse, attachResponse } from "#protocol/attach.ts";
import type { SignedStatement } from "#protocol/grants.ts";
import type { GrantSignIn } from "#protocol/sign-in.ts";
import { protocolVersion } from "#protocol/version.ts";
import { createCredentials, type TokenSource } from "./credentials.ts";
import type { DeviceIdentity } from "./keys.ts";
import type { Servers } from "./servers.ts";
import { postJson } from "./transport.ts";

/** The device's own token, and how it gets another from a server that did not give it: one that was restored, or the standby. */
export interface DeviceTokens extends TokenSource {
  token(): string;
  renew(): Promise<boolean>;
  /** A heartbeat brought a newer one. */
  set(token: string): void;
}

export interface DeviceTokensParts {
  identity: DeviceIdentity;
  servers: Servers;
  token: string;
  /** A locked tablet's token pushes and reads nothing. */
  isLocked?: boolean;
  certificate(): SignedStatement | undefined;
  /** Of a tablet that a PIN unlocked: without it the server lets it read nothing. */
  signIn?(): Promise<GrantSignIn | undefined>;
  /** Kept before it is used. */
  keep(answer: AttachResponse): Promise<void>;
}

export const createDeviceTokens = (parts: DeviceTokensParts): DeviceTokens => {
  const { identity, servers } = parts;
  let { token } = parts;
  let renewing: Promise<boolean> | undefined;
  const proving = { servers, credentials: createCredentials(identity, { token: () => undefined }) };

  const attach = async (): Promise<boolean> => {
    const certificate = parts.certificate();
    if (certificate === undefined) return false;
    const signIn = await parts.signIn?.();
    const asked: AttachRequest = { protocol: protocolVersion, certificate, ...(signIn && { signIn }) };
    const answer = await postJson(proving, "/identity/v1/attach", asked, attachResponse);
    const given = parts.isLocked ? answer.pushToken : answer.token;
    if (given === undefined) return false;
    await parts.keep(answer);
    token = given;
    return true;
  };
  return {
    token: () => token,
    set: (newer) => {
      token = newer;
    },
    renew: () => {
      renewing ??= attach()
        .catch(() => false)
        .finally(() => {
          renewing = undefined;
        });
      return renewing;
    },
  };
};
