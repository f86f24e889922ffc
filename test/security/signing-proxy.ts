import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunningServer } from "#server/main.ts";
import type { CellZone } from "#server/trusts.ts";
import { call, type TestAnswer } from "../boot.ts";

export interface SigningProxy {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  close(): Promise<void>;
}

/** Longest request that is passed on, bytes. */
const bodyBytesMax = 2_000_000;
const passedOn = ["content-type", "accept", "origin", "range", "upload-offset", "upload-length", "upload-type"];

/** Headers of an answer but those of its connection. */
const endToEnd = (headers: TestAnswer["headers"]): Record<string, string> => {
  const { "transfer-encoding": _chunked, connection: _kept, "content-length": _length, ...rest } = headers;
  return rest as Record<string, string>;
};

/**
 * Stands before a zone for programs that know neither `.localhost` nor DPoP: names the host, and signs each request with the key
 * of `token`, if one is given. `/scan` is a page of links, for a crawler to begin at.
 */
export const openSigningProxy = async (
  server: Pick<RunningServer, "ports">,
  to: { zone: CellZone | "app"; host: string; token: string | undefined; links: readonly string[] },
): Promise<SigningProxy> => {
  const page = `<!doctype html><title>Links</title>${to.links.map((link) => `<p><a href="${link.replaceAll("&", "&amp;")}">x</a>`).join("")}`;
  const hostAt = `${to.host}:${server.ports[to.zone]}`;
  const proxy = createServer((request, response) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes <= bodyBytesMax) parts.push(part);
    });
    request.once("end", async () => {
      if (request.url === "/scan") {
        // With the headers that the zone gives, since scanners look at those of the page they begin at.
        const { headers } = await call(server, {
          zone: to.zone,
          host: hostAt,
          path: to.zone === "app" ? "/" : "/healthz",
        });
        response.writeHead(200, { ...endToEnd(headers), "content-type": "text/html" }).end(page);
        return;
      }
      const headers = passedOn.flatMap((name) => {
        const value = request.headers[name];
        return typeof value === "string" ? [[name, value] as const] : [];
      });
      try {
        const answer = await call(server, {
          zone: to.zone,
          host: hostAt,
          method: request.method ?? "GET",
          path: request.url ?? "/",
          headers: Object.fromEntries(headers),
          ...(parts.length > 0 && { body: Buffer.concat(parts) }),
          ...(to.token !== undefined && { token: to.token }),
        });
        response.writeHead(answer.status, endToEnd(answer.headers)).end(answer.bytes);
      } catch {
        response.writeHead(502).end();
      }
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        proxy.closeAllConnections();
      }),
  };
};
