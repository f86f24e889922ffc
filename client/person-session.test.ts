import type { IncomingMessage, ServerResponse } from "node:http";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SignedIn } from "#protocol/sign-in.ts";
import { useListener } from "#test/listener.ts";
import { createIdentity, type DeviceIdentity } from "./keys.ts";
import { createPersonSession } from "./person-session.ts";
import { onlyServer } from "./servers.ts";

const nurse: SignedIn = {
  sessionId: "00000000-0000-4000-8000-000000000001",
  accessToken: "access 1",
  refreshToken: "refresh 1",
  expiresInSeconds: 600,
  person: { userId: "s-nowak", name: "Zofia Nowak", roles: ["hospital-nurse"], strength: "passkey" },
};

describe("a person's session on a shared screen", () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  let identity: DeviceIdentity;
  const asked: string[] = [];
  const baseUrl = useListener((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? "no token"}`);
    answer(request, response);
  });
  beforeAll(async () => {
    identity = await createIdentity();
  });
  beforeEach(() => {
    kept.clear();
    asked.length = 0;
  });
  const open = () =>
    createPersonSession({
      identity,
      servers: onlyServer(baseUrl()),
      device: { token: () => "device" },
      key: "session",
      storage,
    });
  const send = (response: ServerResponse, status: number, body: object) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

  it("calls as the person, over a reload too, and as the device again after the sign-out", async () => {
    const session = open();
    expect([session.tokens.token(), session.getSnapshot()]).toEqual(["device", null]);
    session.signedIn(nurse);
    expect(open().getSnapshot()).toEqual(nurse.person);
    expect(open().tokens.token()).toBe("access 1");
    answer = (_request, response) => response.writeHead(204).end();
    const told: unknown[] = [];
    session.subscribe(() => told.push(session.getSnapshot()));
    const signingOut = session.signOut();
    // Before the server has heard of it.
    expect([session.tokens.token(), told, [...kept]]).toEqual(["device", [null], []]);
    await signingOut;
    expect(asked).toEqual(["/identity/v1/sign-out DPoP access 1"]);
  });

  it("renews once for all who ask, and stays who it is", async () => {
    const session = open();
    session.signedIn(nurse);
    answer = (_request, response) =>
      send(response, 200, { ...nurse, accessToken: "access 2", refreshToken: "refresh 2" });
    const told: unknown[] = [];
    session.subscribe(() => told.push(session.getSnapshot()));
    expect(await Promise.all([session.tokens.renew!(), session.tokens.renew!()])).toEqual([true, true]);
    expect([session.tokens.token(), told]).toEqual(["access 2", []]);
    expect(asked).toEqual(["/identity/v1/refresh no token"]);
    expect(open().tokens.token()).toBe("access 2");
  });

  it("goes on as the device where the base ended it, and keeps the person where the base only does not answer", async () => {
    const session = open();
    session.signedIn(nurse);
    answer = (_request, response) => response.destroy();
    expect(await session.tokens.renew!()).toBe(false);
    expect(session.getSnapshot()).toEqual(nurse.person);
    answer = (_request, response) => send(response, 401, { code: "session-ended", title: "Ended.", todo: "Again." });
    expect(await session.tokens.renew!()).toBe(true);
    expect([session.tokens.token(), session.getSnapshot()]).toEqual(["device", null]);
    expect(await session.tokens.renew!()).toBe(false);
  });
});
