import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "#server/config.ts";
import { type RunningServer, type ServerSeams, startServer } from "#server/main.ts";
import type { CellZone } from "#server/trusts.ts";

export interface TestServer extends RunningServer {
  dataDirectory: string;
  /** Closes the server, unless it is closed, and boots it again on the same data. Ports change, unless the settings name them. */
  restart(): Promise<void>;
  /** Closes everything and removes its data. */
  remove(): Promise<void>;
}

export interface TestServerOptions extends ServerSeams {
  /** A PostgreSQL of its own instead of the embedded one. */
  databaseUrl?: string | undefined;
  /** Further settings, as in the environment. */
  settings?: Record<string, string>;
}

/** Boots everything on free ports with data of its own, without the demonstration shift. One call for a whole test file. */
export const bootForTest = async (options: TestServerOptions = {}): Promise<TestServer> => {
  const { databaseUrl, settings, ...seams } = options;
  const dataDirectory = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  const config = readConfig({
    HOLDFAST_APP_PORT: "0",
    HOLDFAST_CREW_PORT: "0",
    HOLDFAST_CARE_PORT: "0",
    HOLDFAST_CONTROL_PORT: "0",
    HOLDFAST_DEMO: "0",
    HOLDFAST_DEMO_PEOPLE: "1",
    HOLDFAST_LOG: "silent",
    ...settings,
    HOLDFAST_DATA: dataDirectory,
    DATABASE_URL: databaseUrl,
  });
  let isUp = true;
  const close = async () => {
    if (isUp) await running.close();
    isUp = false;
  };
  const remove = async () => {
    await close();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  let running: RunningServer;
  try {
    running = await startServer(config, seams);
  } catch (error) {
    rmSync(dataDirectory, { recursive: true, force: true });
    throw error;
  }
  const server: TestServer = {
    ...running,
    dataDirectory,
    close,
    restart: async () => {
      await close();
      running = await startServer(config, seams);
      isUp = true;
      Object.assign(server, running, { close });
    },
    remove,
  };
  return server;
};

export interface TestAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  bytes: Buffer;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asks for whatever field it expects
  json<T = Record<string, any>>(): T;
}

export interface TestCall {
  zone: CellZone | "app";
  method?: string;
  path: string;
  /** Sent as it is if text or bytes, else as JSON. */
  body?: unknown;
  token?: string;
  trust?: string;
  /** Instead of the zone's own host name. */
  host?: string;
  headers?: Record<string, string>;
}

/** One HTTP request to a booted server: dials 127.0.0.1 and names the host, because Node resolves no `.localhost`. */
export const call = (server: Pick<RunningServer, "ports">, to: TestCall): Promise<TestAnswer> =>
  new Promise((resolve, reject) => {
    const isRaw = typeof to.body === "string" || Buffer.isBuffer(to.body);
    const body = to.body === undefined ? undefined : isRaw ? (to.body as string | Buffer) : JSON.stringify(to.body);
    const ask = request({
      host: "127.0.0.1",
      port: server.ports[to.zone],
      method: to.method ?? (body === undefined ? "GET" : "POST"),
      path: to.path,
      headers: {
        host: to.host ?? `${to.zone === "app" ? "tablet" : `${to.zone}.${to.trust ?? "northmoor"}`}.localhost`,
        ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...(to.token !== undefined && { authorization: `Bearer ${to.token}` }),
        ...to.headers,
      },
    });
    ask.once("error", reject);
    ask.once("response", (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.once("error", reject);
      answer.once("end", () => {
        const bytes = Buffer.concat(parts);
        const text = bytes.toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, bytes, json: () => JSON.parse(text) });
      });
    });
    ask.end(body);
  });
