import { generateKeyPairSync, hash, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, SignJWT } from "jose";
import { expect, test } from "vitest";
import { proofOf, signWith } from "#demo/node-proofs.ts";
import type { ProofClaims } from "#protocol/proof.ts";
import { newDevice } from "../../bench/workload.ts";
import { createProofs, ProofProblem, thumbprintOf, uncheckedProofs } from "./dpop.ts";

const device = { ...newDevice(), token: "an-access-token" };
const url = "http://crew.northmoor.localhost:7401/sync/v1/pull";
const asked = { method: "POST", url, token: device.token, keyThumbprint: thumbprintOf(device.publicKey) };
const minuteMs = 60_000;

/** Proofs on a clock that the test moves. */
const setUp = () => {
  const clock = { nowMs: 0 };
  const proofs = createProofs(() => clock.nowMs);
  let n = 0;
  const claims = (more: Partial<ProofClaims> = {}): ProofClaims => ({
    jti: `proof-number-${++n}`,
    htm: "POST",
    htu: url,
    ath: hash("sha256", device.token, "base64url"),
    nonce: proofs.newestNonce(),
    ...more,
  });
  const codeOf = (proof: string | undefined, request: Parameters<typeof proofs.check>[1] = asked): string => {
    try {
      proofs.check(proof, request);
      return "taken";
    } catch (error) {
      if (error instanceof ProofProblem) return error.problem.code;
      throw error;
    }
  };
  return { clock, proofs, claims, codeOf, proof: (more?: Partial<ProofClaims>) => proofOf(device, claims(more)) };
};

test("a proof by the token's key, of this request, with our nonce, is taken once", () => {
  const { codeOf, proof } = setUp();
  const once = proof();
  expect([codeOf(once), codeOf(once), codeOf(proof())]).toEqual(["taken", "proof-replayed", "taken"]);
});

test("a proof made by another implementation is taken, and its thumbprint is RFC 7638's", async () => {
  const { proofs, codeOf } = setUp();
  const jwk = await exportJWK(device.privateKey);
  const { d: _d, ...open } = jwk;
  const { nonce, ...claims } = setUp().claims();
  const made = await new SignJWT({ ...claims, nonce: proofs.newestNonce() })
    .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk: open })
    .setIssuedAt()
    .sign(device.privateKey);
  expect(nonce).toBeDefined();
  expect(codeOf(made)).toBe("taken");
  expect(await calculateJwkThumbprint(open)).toBe(asked.keyThumbprint);
});

test("a clock that is off by a day, or by years, changes nothing: the nonce tells the time", () => {
  const { codeOf, claims } = setUp();
  for (const iat of [0, Date.now() / 1000 - 86_400, Date.now() / 1000 + 86_400, 4e9])
    expect(codeOf(proofOf(device, { ...claims(), iat } as ProofClaims))).toBe("taken");
});

const another = { ...newDevice(), token: "" };
const refusals: [what: string, code: string, make: (parts: ReturnType<typeof setUp>) => string | undefined][] = [
  ["no proof", "use_dpop_nonce", () => undefined],
  ["no nonce", "use_dpop_nonce", ({ claims }) => proofOf(device, withoutNonce(claims()))],
  ["somebody's nonce", "use_dpop_nonce", ({ proof }) => proof({ nonce: "AAAAAAAAAAAAAAAAAAAAAA" })],
  ["another key", "wrong-key", ({ claims }) => proofOf(another, claims())],
  ["another method", "proof-elsewhere", ({ proof }) => proof({ htm: "GET" })],
  ["another path", "proof-elsewhere", ({ proof }) => proof({ htu: url.replace("pull", "push") })],
  ["another trust", "proof-elsewhere", ({ proof }) => proof({ htu: url.replace("northmoor", "westvale") })],
  ["another token", "proof-elsewhere", ({ proof }) => proof({ ath: hash("sha256", "x", "base64url") })],
  ["no token", "proof-elsewhere", ({ claims }) => proofOf(device, withoutAth(claims()))],
  ["no jti", "bad-proof", ({ proof }) => proof({ jti: "" })],
  ["a changed claim", "bad-proof", ({ proof, claims }) => withPayload(proof(), claims())],
  ["a changed signature", "bad-proof", ({ proof }) => `${proof().slice(0, -8)}AAAAAAAA`],
  ["no signature", "bad-proof", ({ proof }) => proof().replace(/[^.]*$/, "")],
  ["another algorithm", "bad-proof", ({ claims }) => made({ alg: "none" }, claims())],
  ["a symmetric algorithm", "bad-proof", ({ claims }) => made({ alg: "HS256" }, claims())],
  ["another type of token", "bad-proof", ({ claims }) => made({ typ: "JWT" }, claims())],
  ["a key off the curve", "bad-proof", ({ claims }) => made({ jwk: { ...jwk, x: "AAAA" } }, claims())],
  ["a key of another kind", "bad-proof", ({ claims }) => made({ jwk: { kty: "oct", k: "AAAA" } }, claims())],
  ["text", "bad-proof", () => "text"],
  ["four parts", "bad-proof", ({ proof }) => `${proof()}.x`],
  ["a flood", "bad-proof", () => `${"a".repeat(100_000)}.b.c`],
  ["an unbound flood in a claim", "bad-proof", ({ proof }) => proof({ jti: "j".repeat(500) })],
];
const jwk = device.publicKey;
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const made = (header: object, claims: ProofClaims): string => {
  const signed = `${part({ typ: "dpop+jwt", alg: "ES256", jwk, ...header })}.${part(claims)}`;
  return `${signed}.${signWith(device.privateKey, signed)}`;
};
const withPayload = (proof: string, claims: ProofClaims): string => proof.replace(/\.[^.]+\./, `.${part(claims)}.`);
const withoutNonce = ({ nonce: _nonce, ...claims }: ProofClaims): ProofClaims => claims;
const withoutAth = ({ ath: _ath, ...claims }: ProofClaims): ProofClaims => claims;

test.each(refusals)("%s is refused: %s", (_what, code, make) => {
  const parts = setUp();
  expect(parts.codeOf(make(parts))).toBe(code);
  expect(parts.codeOf(parts.proof())).toBe("taken");
});

test("a nonce runs out after five minutes, and the newer one is told before that", () => {
  const { clock, proofs, claims, codeOf, proof } = setUp();
  const { nonce } = claims();
  clock.nowMs = 4.9 * minuteMs;
  const { nextNonce } = proofs.check(proof({ nonce: nonce! }), asked);
  expect(nextNonce).toBe(proofs.newestNonce());
  expect(proofs.check(proof(), asked).nextNonce).toBeUndefined();
  clock.nowMs = 5 * minuteMs;
  expect(codeOf(proof({ nonce: nonce! }))).toBe("use_dpop_nonce");
});

test("a proof that was used stays used for as long as its nonce lives, and is refused after", () => {
  const { clock, codeOf, proof } = setUp();
  const once = proof();
  codeOf(once);
  for (let minute = 1; minute < 5; minute++) {
    clock.nowMs = minute * minuteMs;
    expect([codeOf(once), codeOf(proof())]).toEqual(["proof-replayed", "taken"]);
  }
  clock.nowMs = 5 * minuteMs;
  expect(codeOf(once)).toBe("use_dpop_nonce");
});

test("another life of the server takes no proof of an earlier one, which it cannot remember", () => {
  const stolen = setUp().proof();
  expect(setUp().codeOf(stolen)).toBe("use_dpop_nonce");
});

test("what ends TLS in front may pass a request on by http; a proof of http is none for https", () => {
  const { codeOf, proof } = setUp();
  const https = url.replace("http:", "https:");
  expect(codeOf(proof({ htu: https }))).toBe("taken");
  expect(codeOf(proof(), { ...asked, url: https })).toBe("proof-elsewhere");
});

test("without an access token any key may prove, and is named", () => {
  const { proofs, claims } = setUp();
  const { keyThumbprint } = proofs.check(proofOf(another, withoutAth(claims())), { method: "POST", url });
  expect(keyThumbprint).toBe(thumbprintOf(another.publicKey));
});

test("control: with the check switched off, another's key passes for the token's own", () => {
  expect(uncheckedProofs().check(undefined, asked).keyThumbprint).toBe(asked.keyThumbprint);
});

test("an RSA key is no device's", () => {
  const { codeOf, claims } = setUp();
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 }) as { publicKey: KeyObject };
  expect(codeOf(made({ alg: "RS256", jwk: publicKey.export({ format: "jwk" }) }, claims()))).toBe("bad-proof");
});
