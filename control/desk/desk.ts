import type * as z from "zod/mini";
import { createCredentials } from "#client/credentials.ts";
import { Database } from "#client/database.ts";
import { enrolDevice, readDevice, readToken, type StoredDevice } from "#client/enrolment.ts";
import { call, type Endpoint } from "#client/transport.ts";
import { problem } from "#protocol/problem.ts";
import { sessionTokens } from "#protocol/session.ts";
import { type SignedIn, signedIn } from "#protocol/sign-in.ts";
import { protocolVersion } from "#protocol/version.ts";
import { DeskFailure } from "./desk-failure.ts";

/** Where this browser stands: no device yet, a device with nobody signed in, or with a person. */
export type DeskState =
  | { phase: "new" }
  | { phase: "signed-out"; trustName: string; demonstration: boolean }
  | { phase: "signed-in"; trustName: string; demonstration: boolean; session: SignedIn };

type Query = Readonly<Record<string, string | number | undefined>>;

export interface Desk {
  subscribe(listener: () => void): () => void;
  getState(): DeskState;
  /** Makes this browser a device of the trust at `baseUrl`. Rejects with a DeskFailure. */
  enrol(baseUrl: string, code: string): Promise<void>;
  /** Somebody proved who they are: in place of whoever was signed in. */
  signedIn(session: SignedIn): void;
  signOut(): Promise<void>;
  /** GET. The answer as its schema says; rejects with a DeskFailure. */
  read<T extends z.ZodMiniType>(schema: T, path: string, query?: Query): Promise<z.infer<T>>;
  /** POST. */
  change<T extends z.ZodMiniType>(schema: T, path: string, body: unknown): Promise<z.infer<T>>;
  /** POST that answers with a file; `reason` is for the access log. */
  fetchFile(path: string, body: unknown, reason: string): Promise<Blob>;
}

/** Statuses whose problem a page shows in the server's words. */
const refusals = [400, 401, 403, 404, 409, 413];
/** Kept while this tab is open: a reload, or the way to the provider and back, signs nobody out. */
const sessionKey = "holdfast.desk.session";

/** Opens this browser's desk: its device, and who was signed in on it. */
export const openDesk = async (): Promise<Desk> => {
  const database = new Database("holdfast-desk");
  const listeners = new Set<() => void>();
  let device = await readDevice(database);
  let deviceToken = await tokenOf(database, device);
  let session = readSession();
  let endpoint = endpointOf();
  let state = stateNow();

  function stateNow(): DeskState {
    if (device === undefined) return { phase: "new" };
    const { trustName, demonstration } = device.enrolment;
    const about = { trustName, demonstration };
    return session === null ? { phase: "signed-out", ...about } : { phase: "signed-in", ...about, session };
  }
  function endpointOf(): Endpoint | undefined {
    if (device === undefined) return undefined;
    const credentials = createCredentials(device.identity, {
      token: () => session?.accessToken ?? deviceToken,
      renew,
    });
    return { baseUrl: device.enrolment.baseUrl, credentials };
  }
  const change = (next: SignedIn | null): void => {
    session = next;
    writeSession(next);
    state = stateNow();
    for (const listener of listeners) listener();
  };

  /** Pages ask at once, and a refresh token is spent by its first use: one renewal serves them all. */
  let renewing: Promise<boolean> | undefined;
  function renew(): Promise<boolean> {
    renewing ??= renewNow().finally(() => {
      renewing = undefined;
    });
    return renewing;
  }
  async function renewNow(): Promise<boolean> {
    if (device === undefined || session === null) return false;
    const proofs = createCredentials(device.identity, { token: () => undefined });
    const body = { protocol: protocolVersion, refreshToken: session.refreshToken };
    const at = { baseUrl: device.enrolment.baseUrl, credentials: proofs };
    const response = await call(at, "/identity/v1/refresh", asPost(body), [401]);
    if (response.status === 401) return false;
    change({ ...session, ...sessionTokens.parse(await response.json()) });
    return true;
  }

  const ask = async (path: string, init: Parameters<typeof call>[2]): Promise<Response> => {
    if (endpoint === undefined) throw new DeskFailure("new", "This desk is not set up yet.");
    const response = await call(endpoint, path, init, refusals).catch((failure: Error) => {
      throw new DeskFailure("unreachable", failure.message);
    });
    if (response.ok) return response;
    const said = problem.safeParse(await response.json().catch(() => null)).data;
    // Whoever was signed in is so no more: the session was ended at the desk, or it was idle too long.
    if (response.status === 401 && session !== null) change(null);
    throw new DeskFailure(
      said?.code ?? "unreadable",
      said ? `${said.title} ${said.todo}` : `The base answered ${response.status}.`,
    );
  };

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getState: () => state,
    enrol: async (baseUrl, code) => {
      device = await enrolDevice(database, "screen", baseUrl, code).catch((failure: Error) => {
        throw new DeskFailure("refused", failure.message);
      });
      deviceToken = await tokenOf(database, device);
      endpoint = endpointOf();
      change(null);
    },
    signedIn: (next) => change(next),
    signOut: async () => {
      try {
        await ask("/identity/v1/sign-out", asPost({}));
      } finally {
        // Where the base cannot be reached the session ends by itself; nobody stays signed in here.
        change(null);
      }
    },
    read: async (schema, path, query = {}) => readAs(schema, await ask(`${path}${queryText(query)}`, {})),
    change: async (schema, path, body) => readAs(schema, await ask(path, asPost(body))),
    fetchFile: async (path, body, reason) => {
      const init = asPost(body);
      const headers = { ...init.headers, "holdfast-reason": encodeURIComponent(reason) };
      return (await ask(path, { ...init, headers })).blob();
    },
  };
};

const tokenOf = async (database: Database, device: StoredDevice | undefined): Promise<string | undefined> =>
  device?.screenKey && readToken(database, device.screenKey);

const asPost = (body: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" } as Record<string, string>,
  body: JSON.stringify(body),
});

const queryText = (query: Query): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
};

const readAs = async <T extends z.ZodMiniType>(schema: T, response: Response): Promise<z.infer<T>> => {
  const read = schema.safeParse(await response.json().catch(() => undefined));
  if (read.success) return read.data;
  throw new DeskFailure("unreadable", "What answered is not the base, or speaks differently. Reload this page.");
};

const readSession = (): SignedIn | null => {
  try {
    return signedIn.safeParse(JSON.parse(sessionStorage.getItem(sessionKey) ?? "null")).data ?? null;
  } catch {
    return null;
  }
};
const writeSession = (session: SignedIn | null): void => {
  try {
    if (session === null) sessionStorage.removeItem(sessionKey);
    else sessionStorage.setItem(sessionKey, JSON.stringify(session));
  } catch {}
};
