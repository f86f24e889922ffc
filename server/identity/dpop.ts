import { hash, type KeyObject } from "node:crypto";
import * as z from "zod/mini";
import { publicJwk } from "#protocol/grants.ts";
import { thumbprintText } from "#protocol/proof.ts";
import { compiled } from "../compiled.ts";
import { ProblemError } from "../http/problem-error.ts";
import { isSignedBy, keyOf } from "./device-key.ts";
import { createProofNonces } from "./proof-nonces.ts";

/** What a proof must be about. */
export interface ProvedRequest {
  method: string;
  /** As the client addressed it, without query: `http://crew.northmoor.localhost:7401/sync/v1/pull`. */
  url: string;
  /** The access token that the proof comes with; without one (a refresh) any enrolled key may prove. */
  token?: string;
  /** Of the key that the token is bound to. */
  keyThumbprint?: string | undefined;
}

export interface CheckedProof {
  keyThumbprint: string;
  /** A newer nonce for the next proof; undefined while the one used is the newest. */
  nextNonce: string | undefined;
}

/** Proofs of possession, RFC 9449: that whoever sends a token holds the key it is bound to. */
export interface Proofs {
  newestNonce(): string;
  /** Throws a ProofProblem. */
  check(proof: string | undefined, request: ProvedRequest): CheckedProof;
}

/** A 401 about the proof, with RFC 9449's own word for the `WWW-Authenticate` header. */
export class ProofProblem extends ProblemError {
  readonly error: "use_dpop_nonce" | "invalid_dpop_proof";
  constructor(error: ProofProblem["error"], code: string, title: string, todo: string) {
    super(401, code, title, todo);
    this.error = error;
  }
}

const proofHeader = z.object({ typ: z.literal("dpop+jwt"), alg: z.literal("ES256"), jwk: publicJwk });
const proofClaims = compiled(
  z.object({
    jti: z.string().check(z.minLength(8), z.maxLength(100)),
    htm: z.string(),
    htu: z.string().check(z.maxLength(2_000)),
    ath: z.optional(z.string()),
    nonce: z.optional(z.string()),
  }),
);
/** A proof of ours is about 600 characters. */
const proofLengthMax = 4_000;

/** RFC 7638, base64url. */
export const thumbprintOf = (key: { x: string; y: string }): string => hash("sha256", thumbprintText(key), "base64url");

/** What a proof says of the token: SHA-256, base64url. */
const athOf = (token: string): string => hash("sha256", token, "base64url");

interface ProvingKey {
  key: KeyObject;
  thumbprint: string;
}
/** Every proof of a device has the same header, so its key is read once; oldest out first. */
const keysMax = 20_000;

/**
 * Checks proofs against nonces of the server's own, and never against a clock: a device whose clock is off by a day
 * works. `nowMs` must not go back.
 */
export const createProofs = (nowMs: () => number = () => performance.now()): Proofs => {
  const nonces = createProofNonces(nowMs);
  const keys = new Map<string, ProvingKey>();
  const provingKey = (header: string): ProvingKey => {
    const held = keys.get(header);
    if (held) return held;
    const { jwk } = proofHeader.parse(jsonIn(header));
    const read = { key: keyOf(jwk), thumbprint: thumbprintOf(jwk) };
    if (keys.size >= keysMax) keys.delete(keys.keys().next().value!);
    keys.set(header, read);
    return read;
  };

  return {
    newestNonce: nonces.newest,
    check: (proof, request) => {
      if (proof === undefined)
        throw new ProofProblem(
          "use_dpop_nonce",
          "use_dpop_nonce",
          "The request lacks a proof that this device sends it.",
          "Send the header DPoP with a proof that names the nonce of this answer's DPoP-Nonce.",
        );
      const read = readProof(proof, provingKey);
      if (read === null) throw invalid("bad-proof", "The proof cannot be read.", "Send a dpop+jwt of ES256, RFC 9449.");
      const { claims, signer, signed, signature } = read;
      if (claims.nonce === undefined || nonces.isStale(claims.nonce)) throw staleNonce();
      // What costs little is checked first; the signature, which costs most, before anything is remembered.
      if (request.keyThumbprint !== undefined && signer.thumbprint !== request.keyThumbprint)
        throw invalid("wrong-key", "The token is bound to another key.", "Enrol this device, or sign in on it.");
      if (claims.htm !== request.method || !isSameUrl(claims.htu, request.url))
        throw invalid("proof-elsewhere", "The proof is of another request.", "Make a proof for each request.");
      if (request.token !== undefined && claims.ath !== athOf(request.token))
        throw invalid("proof-elsewhere", "The proof is of another token.", "Make a proof for each request.");
      if (!isSignedBy(signer.key, signed, signature))
        throw invalid("bad-proof", "The proof's signature is not its key's.", "Sign it with the device's key.");
      switch (nonces.take(claims.nonce, claims.jti)) {
        case "replayed":
          throw invalid("proof-replayed", "This proof was used before.", "Make a proof for each request.");
        case "stale":
          throw staleNonce();
      }
      const newest = nonces.newest();
      return { keyThumbprint: signer.thumbprint, nextNonce: newest === claims.nonce ? undefined : newest };
    },
  };
};

/** For a test that shows what proofs are worth: takes any request for its token's own. */
export const uncheckedProofs = (): Proofs => ({
  newestNonce: () => "unchecked",
  check: (_proof, { keyThumbprint = "" }) => ({ keyThumbprint, nextNonce: undefined }),
});

const staleNonce = (): ProofProblem =>
  new ProofProblem(
    "use_dpop_nonce",
    "use_dpop_nonce",
    "The proof names no nonce of now.",
    "Make another proof, with the nonce of this answer's DPoP-Nonce.",
  );
const invalid = (code: string, title: string, todo: string): ProofProblem =>
  new ProofProblem("invalid_dpop_proof", code, title, todo);

const jsonIn = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());

/** Null for what is no proof at all. Nothing of it is true before its signature is checked. */
const readProof = (proof: string, provingKey: (header: string) => ProvingKey) => {
  if (proof.length > proofLengthMax) return null;
  const [header, payload, signature, ...more] = proof.split(".");
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return null;
  try {
    const claims = proofClaims.parse(jsonIn(payload));
    return { claims, signer: provingKey(header), signed: `${header}.${payload}`, signature };
  } catch {
    return null;
  }
};

/**
 * Whether a proof names the address that was called. A proof of https is good for a request that came by http from
 * whatever ends TLS in front; never the other way round.
 */
const isSameUrl = (proved: string, called: string): boolean =>
  proved === called || proved === called.replace(/^http:/, "https:");
