import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bearer, type NodeProofs, nodeProofs } from "#demo/node-proofs.ts";
import { readConfig, readStandbyConfig } from "#server/config.ts";
import { type RunningServer, type ServerSeams, startServer } from "#server/main.ts";
import { startStandbyServer } from "#server/standby/standby-server.ts";
import type { CellZone, Zone } from "#server/trusts.ts";
import { putPreparedPostgres } from "./prepared-postgres.ts";

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
  /** HOLDFAST_DATA with what a test has put there; removed with the server, as one of its own is. */
  data?: string;
  /** Further settings, as in the environment. */
  settings?: Record<string, string>;
  /** All by default. */
  zones?: readonly Zone[];
}

/**
 * Boots everything on free ports with data of its own, without the demonstration shift, on a database that no power cut is to
 * meet. One call for a whole test file, or `useServer` of set-up.ts. `server`: what is filled in, and stays the same over a restart.
 */
export const bootForTest = async (
  options: TestServerOptions = {},
  server: Partial<TestServer> = {},
): Promise<TestServer> => {
  const { databaseUrl, settings, data, zones, ...more } = options;
  const seams: ServerSeams = { embedded: { fsync: false }, ...more };
  const dataDirectory = data ?? mkdtempSync(join(tmpdir(), "holdfast-test-"));
  const config = readConfig(
    {
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
    },
    zones,
  );
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
    if (databaseUrl === undefined) await putPreparedPostgres(dataDirectory);
    running = await startServer(config, seams);
  } catch (error) {
    rmSync(dataDirectory, { recursive: true, force: true });
    throw error;
  }
  const restart = async () => {
    await close();
    running = await startServer(config, seams);
    isUp = true;
    Object.assign(server, running, { close });
  };
  return Object.assign(server, { ...running, dataDirectory, close, restart, remove });
};

/** What a call is sent to: a server's ports, and the end of its host names where that is not `localhost`. */
export type CallTo = Pick<RunningServer, "ports"> & { domain?: string };

/** A standby on free ports; `data` is what `initArchive` made for it, and stays. */
export const bootStandbyForTest = async (
  { standby, address }: { standby: string; address: string },
  settings: Record<string, string> = {},
): Promise<RunningServer & { domain: string }> => {
  const config = readStandbyConfig({
    HOLDFAST_CREW_PORT: "0",
    HOLDFAST_CARE_PORT: "0",
    HOLDFAST_CONTROL_PORT: "0",
    HOLDFAST_LOG: "silent",
    HOLDFAST_LETTERBOX: address,
    HOLDFAST_DATA: standby,
    ...settings,
  });
  return Object.assign(await startStandbyServer(config), { domain: config.domain });
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
  /** Sent with a proof by the key that `bindToken` has for it; without one, as for a token that is nobody's, by itself. */
  token?: string;
  /** Instead: signs the proof, also without a token; or no proof is sent. */
  key?: Omit<Bearer, "token"> | "none";
  trust?: string;
  /** Instead of the zone's own host name. */
  host?: string;
  headers?: Record<string, string>;
}

/** The keys that tokens are bound to, so that a test says no more than whose token it sends. */
const keys = new Map<string, Omit<Bearer, "token">>();
export const bindToken = ({ token, ...key }: Bearer): void => void keys.set(token, key);

/** Nonces go by zone and trust, and a server's ports are new for each life. */
const proofsOf = new Map<string, NodeProofs>();
const proofsAt = (host: string): NodeProofs => {
  const held = proofsOf.get(host) ?? nodeProofs();
  proofsOf.set(host, held);
  return held;
};

/** Host and port as a request of this zone names them. */
const hostOf = (
  server: CallTo,
  { zone, trust = "northmoor", host }: Partial<TestCall> & Pick<TestCall, "zone">,
): string =>
  host ?? `${zone === "app" ? "tablet" : `${zone}.${trust}`}.${server.domain ?? "localhost"}:${server.ports[zone]}`;

/** Headers that sign a request in: for a test that sends it in another way than `call`. */
export const signedHeaders = async (server: CallTo, to: TestCall): Promise<Record<string, string>> => {
  const { token } = to;
  const key = keyOf(to);
  const host = hostOf(server, to);
  if (key === undefined) return token === undefined ? {} : { authorization: `DPoP ${token}` };
  const method = to.method ?? (to.body === undefined ? "GET" : "POST");
  const url = `http://${host}${to.path.split("?", 1)[0]}`;
  return proofsAt(host).headers(method, url, { ...key, ...(token !== undefined && { token }) });
};

/** What proves the request; undefined for none. */
const keyOf = ({ token, key }: TestCall): Omit<Bearer, "token"> | undefined => {
  if (key === "none") return undefined;
  return key ?? (token === undefined ? undefined : keys.get(token));
};

/** Subprotocols that sign a socket in. */
export const signedSubprotocols = async (server: CallTo, to: TestCall & { token: string }) => {
  await call(server, { zone: to.zone, path: "/identity/v1/nonce", ...(to.trust && { trust: to.trust }) });
  const host = hostOf(server, to);
  const key = keys.get(to.token);
  return key === undefined
    ? [`dpop.${to.token}`]
    : proofsAt(host).subprotocols(`http://${host}${to.path}`, { ...key, token: to.token });
};

/** One HTTP request to a booted server: dials 127.0.0.1 and names the host, because Node resolves no `.localhost`. */
export const call = async (server: CallTo, to: TestCall): Promise<TestAnswer> => {
  const answer = await send(server, to, await signedHeaders(server, to));
  const isWorthAnother = proofsAt(hostOf(server, to)).heard(answer) === "prove-again";
  return isWorthAnother && keyOf(to) !== undefined ? send(server, to, await signedHeaders(server, to)) : answer;
};

const send = (server: CallTo, to: TestCall, signedIn: Record<string, string>): Promise<TestAnswer> =>
  new Promise((resolve, reject) => {
    const isRaw = typeof to.body === "string" || Buffer.isBuffer(to.body);
    const body = to.body === undefined ? undefined : isRaw ? (to.body as string | Buffer) : JSON.stringify(to.body);
    const ask = request({
      host: "127.0.0.1",
      port: server.ports[to.zone],
      method: to.method ?? (body === undefined ? "GET" : "POST"),
      path: to.path,
      headers: {
        host: hostOf(server, to),
        ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...signedIn,
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
