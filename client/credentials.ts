import {
  challengeHeader,
  nonceHeader,
  nonceWanted,
  type ProofClaims,
  proofHeader,
  proofInvalid,
  tokenInvalid,
} from "#protocol/proof.ts";
import { base64url, sha256Base64url, utf8 } from "./bytes.ts";
import { type DeviceIdentity, signerOf } from "./keys.ts";
import { browserRandom } from "./ports.ts";

/** What a request is sent with: a token, and for all but a push the proof that this device holds the token's key. */
export interface Credentials {
  headers(method: string, url: URL, isProved: boolean): Promise<Record<string, string>>;
  /** The same for a socket, where a browser sets no headers. */
  subprotocols(url: URL): Promise<string[]>;
  hasNonce(): boolean;
  forgetNonce(): void;
  /** Looks at every answer for a newer nonce. True when the request is worth sending once more, with a new proof. */
  heard(response: Response): Promise<boolean>;
}

export interface TokenSource {
  /** Undefined: proofs alone, as for a refresh. */
  token(): string | undefined;
  /** The token has run out: gets the next. False when there is none to be had. */
  renew?(): Promise<boolean>;
}

const jsonPart = (value: unknown): string => base64url(utf8(JSON.stringify(value)));

export const createCredentials = (identity: DeviceIdentity, source: TokenSource): Credentials => {
  const signer = signerOf(identity);
  const header = jsonPart(proofHeader(identity.publicKey));
  let nonce: string | undefined;
  let hashed: { token: string; ath: string } | undefined;

  const athOf = async (token: string): Promise<string> => {
    if (hashed?.token !== token) hashed = { token, ath: await sha256Base64url(token) };
    return hashed.ath;
  };
  const prove = async (method: string, url: URL, token: string | undefined): Promise<string> => {
    const claims: ProofClaims = {
      jti: browserRandom.uuid(),
      htm: method,
      htu: `${url.origin}${url.pathname}`,
      ...(nonce !== undefined && { nonce }),
      ...(token !== undefined && { ath: await athOf(token) }),
    };
    const signed = `${header}.${jsonPart(claims)}`;
    return `${signed}.${await signer.sign(signed)}`;
  };

  return {
    async headers(method, url, isProved) {
      const token = source.token();
      return {
        ...(token !== undefined && { authorization: `DPoP ${token}` }),
        ...(isProved && { dpop: await prove(method, url, token) }),
      };
    },
    async subprotocols(url) {
      const token = source.token() ?? "";
      return [`dpop.${token}`, `proof.${await prove("GET", url, token)}`];
    },
    hasNonce: () => nonce !== undefined,
    forgetNonce() {
      nonce = undefined;
    },
    async heard(response) {
      nonce = response.headers.get(nonceHeader) ?? nonce;
      if (response.status !== 401) return false;
      const why = response.headers.get(challengeHeader) ?? "";
      if (why.includes(tokenInvalid)) return (await source.renew?.()) ?? false;
      return why.includes(nonceWanted) || why.includes(proofInvalid);
    },
  };
};
