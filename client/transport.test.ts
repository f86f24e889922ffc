import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useListener } from "#test/listener.ts";
import type { Credentials } from "./credentials.ts";
import { createServers, onlyServer } from "./servers.ts";
import { call, createTransport } from "./transport.ts";

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

  describe("to a base that falls silent, with a standby", () => {
    const [base, standby] = ["https://crew.base.example", "https://crew.standby.example"];
    const twoServers = () => createServers([base!, standby!], async (url) => url === standby);
    /** As the browser's: an aborted signal ends it, before the answer and in the midst of its body. */
    const fetching = (body: (signal: AbortSignal) => ReadableStream | null) =>
      vi.fn(async (_url: URL, { signal }: { signal: AbortSignal }) => {
        signal.throwIfAborted();
        return new Response(body(signal), { status: 200 });
      });
    const untilAborted = (signal: AbortSignal) =>
      new ReadableStream({
        start: (stream) => {
          stream.enqueue(new TextEncoder().encode("{"));
          signal.addEventListener("abort", () => stream.error(signal.reason));
        },
      });
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => {
      vi.useRealTimers();
      vi.unstubAllGlobals();
    });

    it("gives up an answer whose rest does not come, and asks the next", async () => {
      vi.stubGlobal("fetch", fetching(untilAborted));
      const servers = twoServers();
      const failed = call({ servers }, "/x").catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(4_000);
      expect([servers.url(), await failed]).toEqual([standby, expect.objectContaining({ code: "unreachable" })]);
      servers.stop();
    });

    it("sends it nothing that was still being signed when it was left", async () => {
      const fetched = fetching(() => null);
      vi.stubGlobal("fetch", fetched);
      const servers = twoServers();
      const signing = new Promise<Record<string, string>>((resolve) => setTimeout(() => resolve({}), 5_000));
      const credentials = { headers: () => signing, heard: async () => false } as Partial<Credentials> as Credentials;
      const failed = call({ servers, credentials }, "/x").catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await failed).toMatchObject({ code: "unreachable" });
      expect(fetched.mock.results.map(({ type }) => type)).toEqual(["return"]);
      await expect(fetched.mock.results[0]!.value).rejects.toThrow();
      servers.stop();
    });
  });
});
