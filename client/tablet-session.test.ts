import type { ServerResponse } from "node:http";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { useListener } from "#test/listener.ts";
import { createIdentity } from "./keys.ts";
import { onlyServer } from "./servers.ts";
import { tabletEndpoint } from "./tablet-session.ts";
import { createTransport } from "./transport.ts";

const grant = { statement: "{}", signature: "signed" };
const tokens = {
  sessionId: "s",
  accessToken: "the-persons",
  refreshToken: "next",
  expiresInSeconds: 600,
  person: { userId: "n-okafor", name: "Amara Okafor", roles: ["paramedic"], strength: "pin" },
};
const server = {
  protocol: 1,
  trust: "northmoor",
  epoch: 1,
  incarnation: "00000000-0000-4000-8000-000000000001",
  time: "2026-01-15T10:00:00.000Z",
};

describe("a tablet that a PIN unlocked", () => {
  let asked: string[] = [];
  let signIn: (response: ServerResponse) => void = () => {};
  const json = (response: ServerResponse, status: number, body: object) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const baseUrl = useListener(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push(`${request.url} ${request.headers.authorization} ${request.url === "/sync/v1/pull" ? body : ""}`.trim());
    if (request.url === "/identity/v1/sign-in/grant") return signIn(response);
    json(response, 200, { server, records: {} });
  });
  beforeEach(() => {
    asked = [];
    signIn = (response) => json(response, 200, tokens);
  });

  const recordId = "00000000-0000-7000-8000-000000000001";
  const records = { [recordId]: { epoch: 0, position: 0 } };
  const open = async (by: typeof grant | null = grant) => {
    const identity = await createIdentity();
    const pinKey = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const endpoint = tabletEndpoint({
      identity,
      servers: onlyServer(baseUrl()),
      device: { token: () => "the-devices", renew: async () => false, set: () => {} },
      granted: by ? { grant: by, pinKey } : undefined,
      strength: "pin",
    });
    return createTransport(endpoint);
  };

  it("signs its person in before it first reads, and once", async () => {
    const transport = await open();
    expect(asked).toEqual([]);
    await transport.pull({ protocol: 1, records });
    await transport.pull({ protocol: 1, records });
    const pulled = `/sync/v1/pull DPoP the-persons ${JSON.stringify({ protocol: 1, records })}`;
    expect(asked).toEqual(["/identity/v1/sign-in/grant DPoP the-devices", pulled, pulled]);
  });

  it("reads no record while the base lets nobody in, and asks again after a while", async () => {
    const now = vi.spyOn(Date, "now");
    signIn = (response) => json(response, 403, { code: "bad-grant", title: "No.", todo: "Go on writing." });
    const transport = await open();
    await transport.pull({ protocol: 1, records });
    await transport.pull({ protocol: 1, records });
    const nothing = `/sync/v1/pull DPoP the-devices ${JSON.stringify({ protocol: 1, records: {} })}`;
    expect(asked).toEqual(["/identity/v1/sign-in/grant DPoP the-devices", nothing, nothing]);
    now.mockReturnValue(Date.now() + 61_000);
    await transport.pull({ protocol: 1, records });
    now.mockRestore();
    expect(asked.filter((each) => each.startsWith("/identity"))).toHaveLength(2);
  });

  it("takes a base that does not answer for that, and tries again at once", async () => {
    signIn = (response) => void response.destroy();
    const transport = await open();
    await expect(transport.pull({ protocol: 1, records })).rejects.toMatchObject({ code: "unreachable" });
    signIn = (response) => json(response, 200, tokens);
    await transport.pull({ protocol: 1, records });
    expect(asked.at(-1)).toContain("the-persons");
  });

  it("writes without a grant, and reads nothing", async () => {
    const transport = await open(null);
    await transport.pull({ protocol: 1, records });
    expect(asked).toEqual([`/sync/v1/pull DPoP the-devices ${JSON.stringify({ protocol: 1, records: {} })}`]);
  });
});
