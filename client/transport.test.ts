import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { useListener } from "#test/listener.ts";
import { onlyServer } from "./servers.ts";
import { createTransport } from "./transport.ts";

describe("the transport", () => {
  let answer: (response: ServerResponse) => void = () => {};
  const baseUrl = useListener((_request, response) => answer(response));

  const pull = (timeoutMs?: number) =>
    createTransport({ servers: onlyServer(baseUrl()), ...(timeoutMs === undefined ? {} : { timeoutMs }) })
      .pull({ protocol: 1, records: {} })
      .catch((error: unknown) => error);
  const problem = (status: number, headers: Record<string, string> = {}) => {
    answer = (response) =>
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify({ code: "any", title: "Said.", todo: "Do this." }));
  };

  it.each([
    [429, "busy"],
    [503, "busy"],
    [500, "busy"],
    [401, "refused"],
    [403, "refused"],
    [400, "rejected"],
    [413, "rejected"],
  ])("takes %i as %s, with what the base says to do", async (status, code) => {
    problem(status);
    expect(await pull()).toMatchObject({ name: "TransportFailure", code, message: "Said. Do this." });
  });

  it("hears when to come back, in seconds or as a date", async () => {
    problem(503, { "retry-after": "7" });
    expect(await pull()).toMatchObject({ retryAfterMs: 7_000 });
    problem(503, { "retry-after": new Date(Date.now() - 1_000).toUTCString() });
    expect(await pull()).toMatchObject({ retryAfterMs: 0 });
  });

  it("takes a guest network's sign-in page for no answer", async () => {
    answer = (response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Free Wi-Fi</h1>");
    expect(await pull()).toMatchObject({ code: "unreachable" });
  });

  it("takes an answer that is cut off, or never comes, for no answer", async () => {
    answer = (response) => {
      response.writeHead(200, { "content-length": "1000" }).write("{");
      response.destroy();
    };
    expect(await pull()).toMatchObject({ code: "unreachable" });
    answer = () => {};
    expect(await pull(50)).toMatchObject({ code: "unreachable" });
  });
});
