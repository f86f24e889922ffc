/**
 * Proof of possession, RFC 9449: what a device signs to show that a request is its own. A proof names the newest nonce of
 * the server, from `dpop-nonce` of any answer or from `GET /identity/v1/nonce`, and no time: a wrong clock locks nobody out.
 */
export const nonceHeader = "dpop-nonce";

/** Says in a 401 why, in RFC 9449's words; an answer to HEAD has no body to say it. */
export const challengeHeader = "www-authenticate";
/** Another proof is wanted, with the nonce of this answer. */
export const nonceWanted = "use_dpop_nonce";
/**
 * The proof is not taken. Worth one more: a browser sends a request anew when its connection breaks, and the first may have
 * arrived.
 */
export const proofInvalid = "invalid_dpop_proof";
/** The access token has run out, or is worth nothing. */
export const tokenInvalid = "invalid_token";

export const proofHeader = ({ x, y }: { x: string; y: string }) => ({
  typ: "dpop+jwt",
  alg: "ES256",
  jwk: { kty: "EC", crv: "P-256", x, y },
});

/** What a key's thumbprint (RFC 7638) is the SHA-256 of. */
export const thumbprintText = ({ x, y }: { x: string; y: string }): string =>
  JSON.stringify({ crv: "P-256", kty: "EC", x, y });

export interface ProofClaims {
  /** New for each proof. */
  jti: string;
  htm: string;
  /** The request's address without query. */
  htu: string;
  nonce?: string;
  /** Base64url SHA-256 of the access token. */
  ath?: string;
}
