import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demonstrationCells, startDemonstration } from "#demo/shift.ts";
import { readConfig, SetupProblem } from "#server/config.ts";
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
import { startDemonstrationLetterbox } from "./demonstration-letterbox.ts";
import { untilStopped } from "./until-stopped.ts";

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

const printSignIns = ({ addresses }: RunningServer, demonstration: boolean, provider: string | undefined): void => {
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
${provider === undefined ? "" : `\n  Sign-in         ${provider}, an organisation's stand-in: it lets anybody in and prints its second factor\n`}
Ctrl-C stops it.`);
};

const start = async (): Promise<void> => {
  const config = readConfig({ HOLDFAST_DEMO_PEOPLE: "1", ...process.env });
  if (config.tlsDirectory !== undefined)
    throw new SetupProblem(
      "demonstration-tls",
      "The demonstration and its sign-in provider speak plain HTTP.",
      "unset HOLDFAST_TLS, or serve without a demonstration: npx holdfast serve.",
    );
  buildIfOld();
  const { bind, providerPort } = config;
  const provider = config.demonstrationPeople
    ? await startDemonstrationProvider({ bind, port: providerPort })
    : undefined;
  const letterbox = config.letterbox === undefined ? await startDemonstrationLetterbox(config) : undefined;
  const server = await startServer({
    ...config,
    providerPort: provider?.port ?? providerPort,
    letterbox: config.letterbox ?? letterbox?.address,
    witnesses: letterbox === undefined || config.witnesses.length > 0 ? config.witnesses : [letterbox.witness],
  }).catch(async (error) => {
    await provider?.close();
    await letterbox?.close();
    throw error;
  });
  const shift = config.demonstration ? startDemonstration({ cells: demonstrationCells(server.ports) }) : undefined;
  printSignIns(server, config.demonstration, provider?.issuer);
  if (letterbox)
    console.log(
      `What is written is sealed into ${letterbox.directory}, as on another machine, and a witness co-signs it.`,
    );
  await untilStopped(server, async () => {
    await shift?.stop();
    await provider?.close();
  });
  await letterbox?.close();
};

try {
  await start();
} catch (error) {
  console.error(error instanceof SetupProblem ? `\n${error.message}` : error);
  process.exitCode = error instanceof SetupProblem ? 3 : 1;
}
