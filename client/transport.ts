import type * as z from "zod/mini";
import { type RecordAccessesResponse, recordAccessesResponse } from "#protocol/accesses.ts";
import { type ArrivalsResponse, arrivalsResponse } from "#protocol/arrivals.ts";
import { type EnrolRequest, type EnrolResponse, enrolResponse } from "#protocol/enrolment.ts";
import { headsResponse } from "#protocol/heads.ts";
import { problem } from "#protocol/problem.ts";
import { pullResponse } from "#protocol/pull.ts";
import { pushResponse } from "#protocol/push.ts";
import { type Transport, TransportFailure } from "#sync/ports.ts";
import type { Credentials } from "./credentials.ts";
import type { Servers } from "./servers.ts";

/** Where a cell answers and what to call it with; without credentials only public routes answer, such as enrolment. */
export interface Endpoint {
  servers: Servers;
  credentials?: Credentials;
  /** False while it would be refused: a screen with nobody signed in asks whether the base is there, and for no record. */
  readsRecords?: () => boolean;
  /** Lets whoever unlocked the device in at the base too, if that has not happened yet. Rejects when the base is not there. */
  beforeReading?: () => Promise<void>;
  /** Sees every answer, also one that refuses. */
  onResponse?: (response: Response) => void;
  timeoutMs?: number;
}

const timeoutMsDefault = 20_000;
/** The first proof of a page has no nonce yet, and the token may have run out too. */
const sendsMax = 3;

/** Its entries are signed by the same key, and it must get through whatever became of nonces and sessions. */
const unproved = "/sync/v1/push";

/** `Retry-After` in seconds or as a date; undefined when absent or unreadable. */
const retryAfterMs = (response: Response): number | undefined => {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
};

const failureOf = async (response: Response): Promise<TransportFailure> => {
  const said = problem.safeParse(await response.json().catch(() => null)).data;
  const message = said === undefined ? `The base answered ${response.status}.` : `${said.title} ${said.todo}`;
  const { status } = response;
  // As good as no answer: it is the trust's server no more.
  if (said?.code === "fenced") return new TransportFailure("unreachable", message);
  // 507 is about this one blob; anything else of the kind is about the base.
  if (status === 429 || (status >= 500 && status !== 507)) {
    return new TransportFailure("busy", message, said?.retryAfterMs ?? retryAfterMs(response));
  }
  return new TransportFailure(status === 401 || status === 403 ? "refused" : "rejected", message);
};

/**
 * One request to a cell; resolves with a 2xx response, or one of the `expected` statuses. Rejects with a TransportFailure:
 * `unreachable` (no answer in time), `busy` (429, 5xx; with the base's wish when to retry), `refused` (401, 403),
 * `rejected` (any other 4xx, and 507).
 */
export const call = async (
  endpoint: Endpoint,
  path: string,
  init: Init = {},
  expected: readonly number[] = [],
): Promise<Response> => {
  const { credentials } = endpoint;
  for (let sends = 1; ; sends++) {
    const response = await send(endpoint, path, init);
    endpoint.onResponse?.(response);
    if (sends < sendsMax && (await credentials?.heard(response))) continue;
    if (response.ok || expected.includes(response.status)) return response;
    throw await failureOf(response);
  }
};

type Init = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

/** Resolves once the answer is whole. */
const send = async ({ servers, credentials, timeoutMs }: Endpoint, path: string, init: Init): Promise<Response> => {
  const asking = servers.asking();
  try {
    const url = new URL(path, servers.url());
    const signedIn = await credentials?.headers(init.method ?? "GET", url, path !== unproved);
    return await fetchWhole(
      url,
      {
        ...init,
        headers: { ...init.headers, ...signedIn },
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.any([asking.signal, AbortSignal.timeout(timeoutMs ?? timeoutMsDefault)]),
      },
      asking.came,
    );
  } finally {
    asking.ended();
  }
};

/** `came` is called with the head of the answer and with each part of its body. */
const fetchWhole = async (url: URL, init: RequestInit, came: () => void): Promise<Response> => {
  try {
    const response = await fetch(url, init);
    came();
    if (response.body === null) return response;
    const parts: BlobPart[] = [];
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      came();
      parts.push(value);
    }
    // Chromium has a body, an empty one, also where a status allows none.
    const body = parts.length === 0 ? null : new Blob(parts);
    return new Response(body, { status: response.status, headers: response.headers });
  } catch {
    throw new TransportFailure("unreachable", "The base did not answer.");
  }
};

/** An answer that is not ours (a guest network's sign-in page answers 200) is as good as no answer: nothing was done. */
export const readJson = async <T extends z.ZodMiniType>(schema: T, response: Response): Promise<z.infer<T>> => {
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success)
    throw new TransportFailure("unreachable", "What answered is not the base, or speaks differently.");
  return parsed.data;
};

export const postJson = async <T extends z.ZodMiniType>(
  endpoint: Endpoint,
  path: string,
  body: unknown,
  answer: T,
  headers: Record<string, string> = {},
): Promise<z.infer<T>> =>
  readJson(
    answer,
    await call(endpoint, path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    }),
  );

export const createTransport = (endpoint: Endpoint): Transport => ({
  push: (request) => postJson(endpoint, "/sync/v1/push", request, pushResponse),
  pull: async (request) => {
    await endpoint.beforeReading?.();
    const asked = endpoint.readsRecords?.() === false ? { ...request, records: {} } : request;
    return postJson(endpoint, "/sync/v1/pull", asked, pullResponse);
  },
  heads: (request) => postJson(endpoint, "/sync/v1/heads", request, headsResponse),
});

export const enrol = (endpoint: Endpoint, request: EnrolRequest): Promise<EnrolResponse> =>
  postJson(endpoint, "/identity/v1/enrol", request, enrolResponse);

/** Learns the nonce for the next proof, if there is none yet: a socket that is refused does not tell. */
export const ensureNonce = async (endpoint: Endpoint): Promise<void> => {
  if (endpoint.credentials?.hasNonce() === false) await call(endpoint, "/identity/v1/nonce");
};

export const fetchArrivals = async (endpoint: Endpoint): Promise<ArrivalsResponse> =>
  readJson(arrivalsResponse, await call(endpoint, "/arrivals/v1"));

/** Who has seen a record, newest first, a page before `before`. */
export const fetchRecordAccesses = async (
  endpoint: Endpoint,
  recordId: string,
  before?: string,
): Promise<RecordAccessesResponse> => {
  const query = before === undefined ? "" : `?before=${encodeURIComponent(before)}`;
  return readJson(recordAccessesResponse, await call(endpoint, `/records/v1/${recordId}/accesses${query}`));
};
