import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { beforeEach, expect, it } from "vitest";
import { challengeHeader, nonceHeader } from "#protocol/proof.ts";
import { createProofs, type ProofProblem, type Proofs, thumbprintOf } from "#server/identity/dpop.ts";
import { useListener } from "#test/listener.ts";
import { type Credentials, createCredentials } from "./credentials.ts";
import { createIdentity, type DeviceIdentity } from "./keys.ts";
import { onlyServer } from "./servers.ts";
import { call, ensureNonce } from "./transport.ts";

/** A base that checks proofs with the server's own code. */
let proofs: Proofs;
let identity: DeviceIdentity;
let credentials: Credentials;
let token: string;
let expired: string | undefined;
let heard: { method: string; headers: IncomingHttpHeaders; body: string }[];

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const { method = "", url = "", headers } = request;
  heard.push({ method, headers, body: Buffer.concat(parts).toString() });
  const refuse = (error: string) => response.writeHead(401, { [challengeHeader]: `DPoP error="${error}"` }).end();
  if (url === "/identity/v1/nonce") return void response.writeHead(204, { [nonceHeader]: proofs.newestNonce() }).end();
  const sent = headers.authorization?.slice("DPoP ".length) ?? "";
  if (url !== "/sync/v1/push") {
    const path = url.split("?")[0];
    const keyThumbprint = thumbprintOf(identity.publicKey);
    try {
      const about = { method, url: `${baseUrl()}${path}`, token: sent, keyThumbprint };
      proofs.check(headers.dpop as string | undefined, about);
    } catch (error) {
      response.setHeader(nonceHeader, proofs.newestNonce());
      return void refuse((error as ProofProblem).error);
    }
  }
  if (sent === expired) return void refuse("invalid_token");
  response.writeHead(200).end();
};
const baseUrl = useListener((request, response) => void answer(request, response));

beforeEach(async () => {
  proofs = createProofs();
  identity = await createIdentity();
  token = "first-token";
  expired = undefined;
  heard = [];
  credentials = createCredentials(identity, { token: () => token });
});
const endpoint = () => ({ servers: onlyServer(baseUrl()), credentials });

it("learns its first nonce from a refusal, sends the same request again, and asks no more", async () => {
  const body = JSON.stringify({ some: "message" });
  expect((await call(endpoint(), "/sync/v1/pull?x=1", { method: "POST", body })).status).toBe(200);
  expect(heard.map((request) => request.body)).toEqual([body, body]);
  expect((await call(endpoint(), "/blobs/v1/any", { method: "HEAD" })).status).toBe(200);
  expect(heard).toHaveLength(3);
});

it("proves a request without a body as well: the refusal of a HEAD has none to read", async () => {
  expect((await call(endpoint(), "/blobs/v1/any", { method: "HEAD" })).status).toBe(200);
  expect(heard.map(({ method }) => method)).toEqual(["HEAD", "HEAD"]);
});

it("pushes with the token alone, nonce or not", async () => {
  await call(endpoint(), "/sync/v1/push", { method: "POST", body: "{}" });
  expect(heard).toHaveLength(1);
  expect(heard[0]!.headers).toMatchObject({ authorization: "DPoP first-token" });
  expect(heard[0]!.headers.dpop).toBeUndefined();
});

it("makes another proof when the base has begun a new life", async () => {
  await call(endpoint(), "/arrivals/v1");
  proofs = createProofs();
  expect((await call(endpoint(), "/arrivals/v1")).status).toBe(200);
});

it("renews a token that has run out, and then says what the base says", async () => {
  expired = "first-token";
  let renewals = 0;
  credentials = createCredentials(identity, {
    token: () => token,
    renew: async () => {
      renewals += 1;
      token = "second-token";
      return true;
    },
  });
  expect((await call(endpoint(), "/arrivals/v1")).status).toBe(200);
  expired = "second-token";
  await expect(call(endpoint(), "/arrivals/v1")).rejects.toMatchObject({ code: "refused" });
  expect(renewals).toBeLessThanOrEqual(3);
});

it("signs a socket in with subprotocols, once it knows a nonce", async () => {
  await ensureNonce(endpoint());
  await ensureNonce(endpoint());
  expect(heard).toHaveLength(1);
  const url = new URL("/sync/v1/poke", baseUrl());
  const [offeredToken, offeredProof] = await credentials.subprotocols(url);
  expect(offeredToken).toBe("dpop.first-token");
  const about = { method: "GET", url: url.href, token, keyThumbprint: thumbprintOf(identity.publicKey) };
  expect(() => proofs.check(offeredProof!.slice("proof.".length), about)).not.toThrow();
  // A subprotocol's name is a token of RFC 9110.
  expect(offeredProof).toMatch(/^[\w.-]+$/);
});
