import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demonstrationCells, startDemonstration } from "#demo/shift.ts";
import { readConfig, type ServerConfig, SetupProblem } from "#server/config.ts";
import { startDemonstrationProvider } from "#server/identity/demonstration-provider.ts";
import {
  breakGlassCodes,
  demonstrationPeople,
  demonstrationStaff,
  deskCodes,
  screenCodes,
  tabletCodes,
} from "#server/identity/demonstration-roster.ts";
import { type RunningServer, startServer } from "#server/main.ts";
import { startDemonstrationBase } from "./demonstration-base.ts";
import { placeDemonstrationLetterbox } from "./demonstration-letterbox.ts";
import { freePorts } from "./demonstration-ports.ts";
import { startDemonstrationStandby } from "./demonstration-standby.ts";
import { signals, untilStopped } from "./until-stopped.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What the web apps are made of. */
const sources = [
  "domain",
  "monitoring",
  "protocol",
  "sync",
  "client",
  "ui",
  "tablet",
  "hospital",
  "control",
  "package-lock.json",
];

/** Time of the newest file at or below a path, ms; 0 if there is none. */
const newest = (path: string): number => {
  try {
    const at = statSync(path);
    if (!at.isDirectory()) return at.mtimeMs;
    const names = readdirSync(path).filter((name) => !name.endsWith(".test.ts"));
    return names.reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
  } catch {
    return 0;
  }
};

/** Builds the web apps if they are missing or older than what they are made of. */
const buildIfOld = (): void => {
  const built = Math.min(
    ...["tablet", "hospital", "control"].map((app) => newest(join(root, "dist", app, "index.html"))),
  );
  if (sources.every((source) => newest(join(root, source)) <= built)) return;
  console.log("Building the web apps …");
  // In a process of its own: the bundler takes several times the memory that the server needs.
  const { status } = spawnSync(process.execPath, [join(root, "tools", "build.ts")], { stdio: "inherit", cwd: root });
  if (status !== 0)
    throw new SetupProblem(
      "build-failed",
      "The web apps do not build.",
      "read the lines above; `npm run build` tries again.",
    );
};

/** People who sign in with the provider or a passkey, in words: `Zofia Nowak (nurse, southgate-ed)`. */
const staffOf = (trust: string, isHospital: boolean): string =>
  demonstrationStaff(trust)
    .filter(({ pin, siteId }) => pin === undefined && (siteId !== undefined) === isHospital)
    .map(({ name, role, siteId }) => `${name} (${[role.toLowerCase(), siteId].filter(Boolean).join(", ")})`)
    .join(", ");

const printSignIns = (
  addresses: RunningServer["addresses"],
  demonstration: boolean,
  provider: string | undefined,
): void => {
  const [screenCode, screenSite] = [...screenCodes][0]!;
  const people = addresses.cells.map(({ trust, name }) => {
    const lines = demonstrationPeople(trust).map((person) => `      ${person.pin}  ${person.name}, ${person.role}`);
    return `    ${name}\n${lines.join("\n")}`;
  });
  const desks = addresses.cells.map(({ trust, name }) => `      ${name}: ${staffOf(trust, false)}`);
  console.log(`
Holdfast is running. Everything in it is invented${demonstration ? "; a demonstration shift is writing" : ""}.

  Tablet          ${addresses.tablet}
    device code   ${tabletCodes[0]} … ${tabletCodes.at(-1)}
    PINs
${people.join("\n")}

  Hospital board  ${addresses.hospital}
    screen code   ${screenCode} (${screenSite.name}), ${[...screenCodes.keys()].slice(1).join(", ")}
    people        ${staffOf(addresses.cells[0]?.trust ?? "", true)}

  Desk            ${addresses.control}
    device code   ${deskCodes.join(", ")}
    people
${desks.join("\n")}
    sealed codes  ${breakGlassCodes.join(", ")}
${provider === undefined ? "" : `\n  Sign-in         ${provider}, an organisation's stand-in: it lets anybody in and prints its second factor\n`}`);
};

/** With every port settled, so that each process can be told where the others are. */
const settledConfig = async (): Promise<ServerConfig> => {
  const config = readConfig({ HOLDFAST_DEMO_PEOPLE: "1", ...process.env });
  if (config.tlsDirectory !== undefined)
    throw new SetupProblem(
      "demonstration-tls",
      "The demonstration and its sign-in provider speak plain HTTP.",
      "unset HOLDFAST_TLS, or serve without a demonstration: npx holdfast serve.",
    );
  const settle = async (port: number): Promise<number> => (port > 0 ? port : (await freePorts([0]))[0]!);
  const { app, crew, care, control } = config.ports;
  return {
    ...config,
    ports: {
      app: await settle(app),
      crew: await settle(crew),
      care: await settle(care),
      control: await settle(control),
    },
    providerPort: await settle(config.providerPort),
    standbyAt: config.standbyAt ?? (await placeForStandby(config)),
  };
};

const placeForStandby = async ({ domain, letterbox }: ServerConfig): Promise<ServerConfig["standbyAt"]> => {
  if (letterbox !== undefined) return undefined;
  const [crew, care, control] = (await freePorts([7411, 7412, 7413])) as [number, number, number];
  return { domain: `standby.${domain}`, ports: { crew, care, control } };
};

/** What the base is told beside what is set anyhow. */
const baseSettings = (config: ServerConfig): Record<string, string> => {
  const { ports, providerPort, letterbox, witnesses, standbyAt, demonstrationPeople } = config;
  const at = standbyAt?.ports;
  return {
    HOLDFAST_DEMO_PEOPLE: demonstrationPeople ? "1" : "0",
    HOLDFAST_APP_PORT: String(ports.app),
    HOLDFAST_CREW_PORT: String(ports.crew),
    HOLDFAST_CARE_PORT: String(ports.care),
    HOLDFAST_CONTROL_PORT: String(ports.control),
    HOLDFAST_PROVIDER_PORT: String(providerPort),
    ...(letterbox !== undefined && { HOLDFAST_LETTERBOX: letterbox }),
    ...(witnesses.length > 0 && { HOLDFAST_WITNESSES: witnesses.join() }),
    ...(at && { HOLDFAST_STANDBY: `${standbyAt.domain}:${at.crew},${at.care},${at.control}` }),
  };
};

/** Where its own PostgreSQL is; undefined with another. */
const embeddedIn = ({ databaseUrl, dataDirectory }: ServerConfig): string | undefined =>
  databaseUrl === undefined ? join(dataDirectory, "postgres") : undefined;

/** Told to stop while it starts: what is running by then is told too, as this ends. */
const leave = (): never => process.exit(1);

const start = async (): Promise<void> => {
  for (const signal of signals) process.on(signal, leave);
  const settled = await settledConfig();
  buildIfOld();
  /** What runs, to be closed in the opposite order. */
  const running: { close(): Promise<unknown> }[] = [];
  const close = async (): Promise<void> => {
    for (const each of running.splice(0).reverse()) await each.close();
  };
  const run = async <T extends { close(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    running.push(started);
    return started;
  };
  try {
    const { bind, demonstration, providerPort } = settled;
    const letterbox = settled.letterbox === undefined ? await placeDemonstrationLetterbox(settled) : undefined;
    const config: ServerConfig = {
      ...settled,
      letterbox: settled.letterbox ?? letterbox?.address,
      witnesses: letterbox === undefined || settled.witnesses.length > 0 ? settled.witnesses : [letterbox.witness],
    };
    // The web apps stay when the base goes, as behind any proxy.
    const starting = [
      run(startDemonstrationBase(baseSettings(config), embeddedIn(config))),
      run(startServer({ ...config, zones: ["app"] })),
      settled.demonstrationPeople ? run(startDemonstrationProvider({ bind, port: providerPort })) : undefined,
    ] as const;
    // Where one of them cannot start, the others are closed once they have.
    await Promise.allSettled(starting);
    const [base, { addresses }, provider] = await Promise.all(starting);
    // Closed last: the base hands over what it has left.
    if (letterbox) running.unshift(await letterbox.start());
    if (demonstration) {
      const shift = startDemonstration({ cells: demonstrationCells(config.ports) });
      running.push({ close: shift.stop });
    }
    printSignIns(addresses, demonstration, provider?.issuer);
    if (letterbox) {
      console.log(
        `What is written is sealed into ${letterbox.directory}, as on another machine, and a witness co-signs it.`,
      );
      await run(startDemonstrationStandby(config, letterbox));
      console.log(`A standby follows. To take the base away: kill ${base.pid}\nEnter brings it back.`);
    }
    console.log("Ctrl-C stops everything.");
  } catch (error) {
    await close();
    throw error;
  }
  for (const signal of signals) process.off(signal, leave);
  await untilStopped({ close });
};

try {
  await start();
} catch (error) {
  console.error(error instanceof SetupProblem ? `\n${error.message}` : error);
  process.exitCode = error instanceof SetupProblem ? 3 : 1;
}
