import { hash, type KeyObject, randomUUID, sign } from "node:crypto";
import {
  challengeHeader,
  nonceHeader,
  nonceWanted,
  type ProofClaims,
  proofHeader,
  tokenInvalid,
} from "#protocol/proof.ts";

/** A device's key. */
export interface ProvingKey {
  privateKey: KeyObject;
  publicKey: { x: string; y: string };
}
/** A device's key and a token that is bound to it. */
export interface Bearer extends ProvingKey {
  token: string;
}
/** Who calls; without a token it is only proved with which key, as for a refresh. */
export type Caller = ProvingKey & Partial<Bearer>;

/** ECDSA P-256 with SHA-256, IEEE P1363, base64url. */
export const signWith = (privateKey: KeyObject, text: string): string =>
  sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");

const jsonPart = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A proof of exactly these claims. */
export const proofOf = ({ privateKey, publicKey }: ProvingKey, claims: ProofClaims): string => {
  const signed = `${jsonPart(proofHeader(publicKey))}.${jsonPart(claims)}`;
  return `${signed}.${signWith(privateKey, signed)}`;
};

/** Signs in the requests of a Node program to one zone of a cell, and keeps the nonce that its next proof must name. */
export interface NodeProofs {
  /** Headers of a request; a push needs no proof. `url` without query. */
  headers(method: string, url: string, as: Caller): Record<string, string>;
  /** The two subprotocols of a socket. */
  subprotocols(url: string, as: Bearer): string[];
  /** Looks at every answer, for the newest nonce and for what would make the request worth sending once more. */
  heard(answer: { status: number; headers: Record<string, unknown> }): "done" | "prove-again" | "renew-token";
}

export const nodeProofs = (): NodeProofs => {
  let nonce: string | undefined;
  const claimsOf = (htm: string, htu: string, token: string | undefined): ProofClaims => ({
    jti: randomUUID(),
    htm,
    htu,
    ...(token !== undefined && { ath: hash("sha256", token, "base64url") }),
    ...(nonce !== undefined && { nonce }),
  });
  return {
    headers: (method, url, as) => ({
      ...(as.token !== undefined && { authorization: `DPoP ${as.token}` }),
      ...(!url.endsWith("/sync/v1/push") && { dpop: proofOf(as, claimsOf(method, url, as.token)) }),
    }),
    subprotocols: (url, as) => [`dpop.${as.token}`, `proof.${proofOf(as, claimsOf("GET", url, as.token))}`],
    heard: ({ status, headers }) => {
      const newer = headers[nonceHeader];
      if (typeof newer === "string") nonce = newer;
      if (status !== 401) return "done";
      const why = String(headers[challengeHeader]);
      return why.includes(nonceWanted) ? "prove-again" : why.includes(tokenInvalid) ? "renew-token" : "done";
    },
  };
};
