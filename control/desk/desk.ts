import type * as z from "zod/mini";
import { takeAnswer, takeTokens } from "#client/contact.ts";
import { createCredentials } from "#client/credentials.ts";
import { Database } from "#client/database.ts";
import { createDeviceTokens, type DeviceTokens } from "#client/device-tokens.ts";
import { enrolDevice, readDevice, readToken, type StoredDevice } from "#client/enrolment.ts";
import { startHeartbeats } from "#client/heartbeat.ts";
import { createPersonSession, type PersonSession, type SessionPerson } from "#client/person-session.ts";
import { createServers } from "#client/servers.ts";
import type { SignInPlace } from "#client/sign-in.ts";
import { call, type Endpoint } from "#client/transport.ts";
import type { PaperDraft } from "#domain/paper/entries.ts";
import { problem } from "#protocol/problem.ts";
import type { ChainRun } from "#protocol/push.ts";
import { reasonHeader } from "#protocol/reason.ts";
import { asOfHeader } from "#protocol/server-state.ts";
import type { ChainEnd } from "#sync/chain.ts";
import type { TransportFailure } from "#sync/ports.ts";
import { DeskFailure } from "./desk-failure.ts";
import { signRun } from "./sign-run.ts";

/** Where this browser stands: no device yet, a device with nobody signed in, or with a person. */
export type DeskState =
  | { phase: "new" }
  | ({ phase: "signed-out" } & AtTrust)
  | ({ phase: "signed-in"; person: SessionPerson } & AtTrust);

interface AtTrust {
  trustName: string;
  demonstration: boolean;
  /** The last answer was a standby's: as of when it shows what the base had. */
  standby: { asOf: string | null } | null;
}

type Query = Readonly<Record<string, string | number | undefined>>;

export interface Desk {
  subscribe(listener: () => void): () => void;
  getState(): DeskState;
  /** Makes this browser a device of the trust at `baseUrl`. Rejects with a DeskFailure. */
  enrol(baseUrl: string, code: string): Promise<void>;
  /** Where somebody signs in, or shows their second factor once more. Throws before the desk has enrolled. */
  signInPlace(): SignInPlace;
  signOut(): Promise<void>;
  /** GET. The answer as its schema says; rejects with a DeskFailure. `reason` is for the access log, where the policy asks. */
  read<T extends z.ZodMiniType>(schema: T, path: string, query?: Query, reason?: string): Promise<z.infer<T>>;
  /** POST. */
  change<T extends z.ZodMiniType>(schema: T, path: string, body: unknown, reason?: string): Promise<z.infer<T>>;
  /** POST that answers with a file; `reason` is for the access log. */
  fetchFile(path: string, body: unknown, reason: string): Promise<Blob>;
  /** Entries of a record, signed by this browser's own key; `into`: the record they go on with, and from where. */
  sign(drafts: readonly PaperDraft[], into?: { recordId: string; end: ChainEnd }): Promise<ChainRun>;
}

/** What this browser can do once it is a device. */
interface Enrolled {
  device: StoredDevice;
  tokens: DeviceTokens;
  endpoint: Endpoint;
  session: PersonSession;
  standby: AtTrust["standby"];
}

/** Statuses whose problem a page shows in the server's words. */
const refusals = [400, 401, 403, 404, 409, 413];

/** Opens this browser's desk: its device, and who was signed in on it in this tab. */
export const openDesk = async (): Promise<Desk> => {
  const database = new Database("holdfast-desk");
  const listeners = new Set<() => void>();
  let state: DeskState = { phase: "new" };
  let enrolled: Enrolled | undefined;

  const tell = (): void => {
    state = stateOf(enrolled);
    for (const listener of listeners) listener();
  };
  const take = async (device: StoredDevice | undefined): Promise<void> => {
    if (device?.screenKey === undefined) return;
    enrolled = deviceAt(database, device, device.screenKey, await readToken(database, device.screenKey), tell);
    enrolled.session.subscribe(tell);
    keepEnrolled(database, enrolled, device.screenKey);
    tell();
  };
  await take(await readDevice(database));

  const ready = (): Enrolled => {
    if (enrolled === undefined) throw new DeskFailure("new", "This desk is not set up yet.");
    return enrolled;
  };
  const ask = async (path: string, init: Parameters<typeof call>[2]): Promise<Response> => {
    const { endpoint } = ready();
    const called = endpoint.servers.url();
    const response = await call(endpoint, path, init, refusals).catch((failure: TransportFailure) => {
      endpoint.servers.heard(failure.code, called);
      throw new DeskFailure("unreachable", failure.message);
    });
    endpoint.servers.heard("done", called);
    if (response.ok) return response;
    const said = problem.safeParse(await response.json().catch(() => null)).data;
    const words = said ? `${said.title} ${said.todo}` : `The base answered ${response.status}.`;
    throw new DeskFailure(said?.code ?? "unreadable", words);
  };

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getState: () => state,
    enrol: async (baseUrl, code) => {
      const device = await enrolDevice(database, "screen", baseUrl, code).catch((failure: Error) => {
        throw new DeskFailure("refused", failure.message);
      });
      await take(device);
    },
    signInPlace: () => {
      const { device, endpoint, session } = ready();
      return { name: device.enrolment.trustName, endpoint, session };
    },
    signOut: () => ready().session.signOut(),
    read: async (schema, path, query = {}, reason) =>
      readAs(schema, await ask(`${path}${queryText(query)}`, { headers: reasonHeaders(reason) })),
    change: async (schema, path, body, reason) => readAs(schema, await ask(path, asPost(body, reason))),
    fetchFile: async (path, body, reason) => (await ask(path, asPost(body, reason))).blob(),
    sign: (drafts, into) => signRun(ready().device.identity, drafts, into),
  };
};

const stateOf = (enrolled: Enrolled | undefined): DeskState => {
  if (enrolled === undefined) return { phase: "new" };
  const { trustName, demonstration } = enrolled.device.enrolment;
  const at = { trustName, demonstration, standby: enrolled.standby };
  const person = enrolled.session.getSnapshot();
  return person === null ? { phase: "signed-out", ...at } : { phase: "signed-in", ...at, person };
};

const deviceAt = (
  database: Database,
  device: StoredDevice,
  dataKey: CryptoKey,
  token: string,
  onStandby: () => void,
): Enrolled => {
  const { identity, enrolment } = device;
  const servers = createServers(enrolment.serverUrls ?? [enrolment.baseUrl]);
  const keys = { dataKey, authenticator: undefined };
  const tokens = createDeviceTokens({
    identity,
    servers,
    token,
    certificate: () => enrolled.device.enrolment.certificate,
    keep: async (answer) => {
      enrolled.device = await takeTokens(database, enrolled.device, answer, keys);
    },
  });
  const key = "holdfast.desk.session";
  const session = createPersonSession({ identity, servers, device: tokens, key, storage: sessionStorage });
  const setStandby = (standby: AtTrust["standby"]): void => {
    if (standby?.asOf === enrolled.standby?.asOf) return;
    enrolled.standby = standby;
    onStandby();
  };
  // Which server it is that is called now, its first answer tells.
  servers.onMove(() => setStandby(null));
  const onResponse = ({ headers }: Response): void => {
    const asOf = headers.get(asOfHeader);
    setStandby(asOf === null ? null : { asOf: asOf === "none" ? null : asOf });
  };
  const endpoint = { servers, credentials: createCredentials(identity, session.tokens), onResponse };
  const enrolled: Enrolled = { device, tokens, session, endpoint, standby: null };
  return enrolled;
};

/** Heartbeats bring a new certificate and token before the old ones end, as to every device. */
const keepEnrolled = (database: Database, enrolled: Enrolled, dataKey: CryptoKey): void => {
  const { identity } = enrolled.device;
  const credentials = createCredentials(identity, enrolled.tokens);
  startHeartbeats({
    database,
    identity,
    endpoint: { ...enrolled.endpoint, credentials },
    certificate: () => enrolled.device.enrolment.certificate,
    onAnswer: async (answer) => {
      const keys = { dataKey, authenticator: undefined };
      const { device, token } = await takeAnswer(database, enrolled.device, answer, keys);
      enrolled.device = device;
      enrolled.endpoint.servers.update(device.enrolment.serverUrls ?? []);
      if (token !== undefined) enrolled.tokens.set(token);
    },
    // A desk keeps no entries: what it signs of a paper form waits at the base.
    onWaiting: () => {},
  });
};

/** Headers are bytes: a reason in any script is sent percent-encoded. */
const reasonHeaders = (reason: string | undefined): Record<string, string> =>
  reason === undefined ? {} : { [reasonHeader]: encodeURIComponent(reason) };

const asPost = (body: unknown, reason?: string) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...reasonHeaders(reason) },
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
