import { resolve } from "node:path";
import * as z from "zod/mini";
import { type CellZone, type Zone, zones } from "./trusts.ts";

/** What a person must do before the server can start. Its message is printed as it is, without a stack. */
export class SetupProblem extends Error {
  readonly code: string;
  readonly todo: string;
  constructor(code: string, message: string, todo: string) {
    super(`${message}\n  What to do: ${todo}`);
    this.name = "SetupProblem";
    this.code = code;
    this.todo = todo;
  }
}

export interface ServerConfig {
  /** Absolute path: database, keys, secrets and journals. */
  dataDirectory: string;
  /** A PostgreSQL 15 or newer whose user may create databases and roles; undefined starts the embedded one. */
  databaseUrl: string | undefined;
  /** Where lines are sealed to; undefined archives nothing. Its secret is HOLDFAST_DATA/secrets/letterbox. */
  letterbox: string | undefined;
  /** Set for a standby: the letterbox that it is fed from. Its secret, identities and log keys are in HOLDFAST_DATA. */
  standby: { letterbox: string } | undefined;
  /** Who co-signs the heads of the logs: each a key that verifies, `@` and an address. */
  witnesses: readonly string[];
  /** Address the listeners bind to. */
  bind: string;
  /** Directory of certificates for TLS 1.3; undefined serves plain HTTP, on a loopback address only. */
  tlsDirectory: string | undefined;
  /** Plain HTTP beyond loopback, as behind a proxy that ends TLS. */
  isInsecureAllowed: boolean;
  /** The end of every host name: tablet.<domain>, crew.<trust>.<domain>. */
  domain: string;
  /** The end of the web apps' host names: a standby's differs from its own. */
  appDomain: string;
  /** Where the trusts' standby answers: the end of its host names, and its ports. */
  standbyAt: { domain: string; ports: Record<CellZone, number> } | undefined;
  /** 0 is any free port. */
  ports: Record<Zone, number>;
  zones: readonly Zone[];
  demonstration: boolean;
  /** A control log that knows nobody is given the invented people and their printed codes. */
  demonstrationPeople: boolean;
  /** Of the demonstration's sign-in provider, host id.localhost. */
  providerPort: number;
  logLevel: "silent" | "error" | "warn" | "info" | "debug";
  /** Requests a zone works on at once; the next is answered 503 with Retry-After. */
  inFlightMax: number;
  /** WebSockets a zone keeps; the next is refused, and none is evicted. */
  socketsMax: number;
  /** Blob bytes a trust may store. */
  blobQuotaBytes: number;
  /** Requests a minute from one device, from one person, and from one address that shows no valid token. */
  requestsPerMinute: number;
}

/** An environment variable that is not set, or set to nothing. */
const number = (fallback: number, max: number) =>
  z.pipe(
    z._default(z.string(), String(fallback)),
    z.pipe(
      z.transform((text: string) => (text === "" ? fallback : Number(text))),
      z.int().check(z.nonnegative(), z.maximum(max)),
    ),
  );

const environmentSchema = z.object({
  HOLDFAST_DATA: z._default(z.string().check(z.minLength(1)), ".data"),
  DATABASE_URL: z.optional(z.string().check(z.regex(/^postgres(ql)?:\/\//))),
  HOLDFAST_LETTERBOX: z.optional(z.string().check(z.regex(/^https?:\/\/[^/]+$/))),
  HOLDFAST_WITNESSES: z.optional(
    z.string().check(z.regex(/^[^\s@,]+@https?:\/\/[^/\s,]+(,[^\s@,]+@https?:\/\/[^/\s,]+)*$/)),
  ),
  HOLDFAST_BIND: z._default(z.string(), "127.0.0.1"),
  HOLDFAST_TLS: z.optional(z.string()),
  HOLDFAST_INSECURE: z._default(z.enum(["0", "1"]), "0"),
  HOLDFAST_DOMAIN: z._default(z.string().check(z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/)), "localhost"),
  HOLDFAST_STANDBY: z.optional(z.string().check(z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*:\d{1,5},\d{1,5},\d{1,5}$/))),
  HOLDFAST_APP_PORT: number(7400, 65_535),
  HOLDFAST_CREW_PORT: number(7401, 65_535),
  HOLDFAST_CARE_PORT: number(7402, 65_535),
  HOLDFAST_CONTROL_PORT: number(7403, 65_535),
  HOLDFAST_PROVIDER_PORT: number(7404, 65_535),
  HOLDFAST_DEMO: z._default(z.enum(["0", "1"]), "1"),
  HOLDFAST_DEMO_PEOPLE: z._default(z.enum(["0", "1"]), "0"),
  HOLDFAST_LOG: z._default(z.enum(["silent", "error", "warn", "info", "debug"]), "warn"),
  HOLDFAST_IN_FLIGHT_MAX: number(1024, 100_000),
  HOLDFAST_SOCKETS_MAX: number(2000, 100_000),
  HOLDFAST_BLOB_QUOTA_BYTES: number(20_000_000_000, Number.MAX_SAFE_INTEGER),
  HOLDFAST_REQUESTS_PER_MINUTE: number(60_000, 10_000_000),
});

/** Every setting, for `holdfast serve --help`. */
export const settingsHelp = `  HOLDFAST_DATA                 directory for database, keys and secrets      (.data)
  DATABASE_URL                  PostgreSQL 15 or newer instead of the embedded one; without a user
                                in it, another process prepares the databases
  HOLDFAST_LETTERBOX            address of the letterbox, to archive what is written there
  HOLDFAST_WITNESSES            who co-signs the logs' heads, comma-separated: what each
                                \`holdfast witness\` prints, KEY@ADDRESS; none by default
  HOLDFAST_BIND                 address to listen on                          (127.0.0.1)
  HOLDFAST_TLS                  directory of certificates, for TLS 1.3; without it plain HTTP
  HOLDFAST_INSECURE             1 allows plain HTTP beyond this machine       (0)
  HOLDFAST_DOMAIN               the end of every host name                    (localhost)
  HOLDFAST_STANDBY              where the standby answers: the end of its host names, and its ports for
                                tablets, screens and desk: standby.localhost:7411,7412,7413
  HOLDFAST_APP_PORT             web apps; 0 is any free port                  (7400)
  HOLDFAST_CREW_PORT            tablets                                       (7401)
  HOLDFAST_CARE_PORT            hospital screens                              (7402)
  HOLDFAST_CONTROL_PORT         the desk                                      (7403)
  HOLDFAST_PROVIDER_PORT        the demonstration's sign-in provider          (7404)
  HOLDFAST_DEMO                 0 runs no demonstration shift                 (1)
  HOLDFAST_DEMO_PEOPLE          1 puts invented people into a new log         (0; npm start: 1)
  HOLDFAST_LOG                  silent, error, warn, info or debug            (warn)
  HOLDFAST_IN_FLIGHT_MAX        requests a zone works on at once              (1024)
  HOLDFAST_SOCKETS_MAX          WebSockets a zone keeps                       (2000)
  HOLDFAST_BLOB_QUOTA_BYTES     attachments a trust may store                 (20000000000)
  HOLDFAST_REQUESTS_PER_MINUTE  from one device, person or address            (60000)`;

/** Reads the settings. Throws SetupProblem naming the first that cannot be read. */
export const readConfig = (
  environment: Record<string, string | undefined>,
  onlyZones?: readonly string[],
): ServerConfig => {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => name in environmentSchema.shape && value !== ""),
  );
  const read = environmentSchema.safeParse(given);
  if (!read.success) {
    const issue = read.error.issues[0];
    const name = String(issue?.path[0] ?? "a setting");
    throw new SetupProblem(
      "bad-setting",
      `The setting ${name} cannot be read: ${issue?.message ?? "invalid"}.`,
      `correct ${name} or unset it; \`npx holdfast serve --help\` lists the settings.`,
    );
  }
  const unknown = onlyZones?.find((name) => !zones.includes(name as Zone));
  if (unknown !== undefined)
    throw new SetupProblem("unknown-zone", `There is no zone "${unknown}".`, `choose from ${zones.join(", ")}.`);
  const env = read.data;
  const isInsecureAllowed = env.HOLDFAST_INSECURE === "1";
  if (env.HOLDFAST_TLS === undefined && !isInsecureAllowed && !isLoopback(env.HOLDFAST_BIND))
    throw new SetupProblem(
      "no-tls",
      `Without certificates nothing is served on ${env.HOLDFAST_BIND}: patients' data would cross the network in the clear.`,
      "set HOLDFAST_TLS to a directory of certificates; behind a proxy that ends TLS, set HOLDFAST_INSECURE=1.",
    );
  return {
    dataDirectory: resolve(env.HOLDFAST_DATA),
    databaseUrl: env.DATABASE_URL,
    letterbox: env.HOLDFAST_LETTERBOX,
    standby: undefined,
    witnesses: env.HOLDFAST_WITNESSES?.split(",") ?? [],
    bind: env.HOLDFAST_BIND,
    tlsDirectory: env.HOLDFAST_TLS === undefined ? undefined : resolve(env.HOLDFAST_TLS),
    isInsecureAllowed,
    domain: env.HOLDFAST_DOMAIN,
    appDomain: env.HOLDFAST_DOMAIN,
    standbyAt: readStandbyAt(env.HOLDFAST_STANDBY),
    ports: {
      app: env.HOLDFAST_APP_PORT,
      crew: env.HOLDFAST_CREW_PORT,
      care: env.HOLDFAST_CARE_PORT,
      control: env.HOLDFAST_CONTROL_PORT,
    },
    zones: onlyZones === undefined ? zones : zones.filter((zone) => onlyZones.includes(zone)),
    demonstration: env.HOLDFAST_DEMO === "1",
    demonstrationPeople: env.HOLDFAST_DEMO_PEOPLE === "1",
    providerPort: env.HOLDFAST_PROVIDER_PORT,
    logLevel: env.HOLDFAST_LOG,
    inFlightMax: env.HOLDFAST_IN_FLIGHT_MAX,
    socketsMax: env.HOLDFAST_SOCKETS_MAX,
    blobQuotaBytes: env.HOLDFAST_BLOB_QUOTA_BYTES,
    requestsPerMinute: env.HOLDFAST_REQUESTS_PER_MINUTE,
  };
};

const readStandbyAt = (text: string | undefined): ServerConfig["standbyAt"] => {
  if (text === undefined) return undefined;
  const [domain, ports] = text.split(":") as [string, string];
  const [crew, care, control] = ports.split(",").map(Number) as [number, number, number];
  return { domain, ports: { crew, care, control } };
};

/**
 * The settings of a standby: the zones that tablets and screens call, under host names of their own, fed from HOLDFAST_LETTERBOX. Throws
 * SetupProblem as `readConfig` does, and without a letterbox.
 */
export const readStandbyConfig = (environment: Record<string, string | undefined>): ServerConfig => {
  const ports = { HOLDFAST_CREW_PORT: "7411", HOLDFAST_CARE_PORT: "7412", HOLDFAST_CONTROL_PORT: "7413" };
  const config = readConfig({ ...ports, ...environment }, ["crew", "care", "control"]);
  const { letterbox, domain } = config;
  if (letterbox === undefined)
    throw new SetupProblem(
      "no-letterbox",
      "A standby is fed from the archive, and no letterbox is set.",
      "set HOLDFAST_LETTERBOX to its address.",
    );
  const own = { domain: `standby.${domain}`, demonstrationPeople: false, standbyAt: undefined };
  return { ...config, ...own, letterbox: undefined, standby: { letterbox } };
};

const isLoopback = (address: string): boolean =>
  address === "localhost" || address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);
