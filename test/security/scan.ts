import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Role } from "#defence/access/words.ts";
import { thumbprintOf } from "#server/identity/dpop.ts";
import { issueToken } from "#server/identity/tokens.ts";
import type { CellZone } from "#server/trusts.ts";
import { enrolBody, newDevice } from "../../bench/workload.ts";
import { bindToken, bootForTest, type TestServer } from "../boot.ts";
import { openTestDesk } from "../desk.ts";
import {
  destination,
  enrolTestDevice,
  incident,
  note,
  push,
  runOf,
  southgate,
  type TestDevice,
  testChain,
} from "../devices.ts";
import { openSigningProxy } from "./signing-proxy.ts";

/**
 * Has wapiti and sqlmap (Debian's) try every route of every zone of a server of its own on loopback, signed in and not.
 * docs/security/scans.md says how to run it and what it found. Exit codes: 0 nothing found, 1 something found, 3 a tool is missing.
 */
const help = `node test/security/scan.ts [--only wapiti|sqlmap] [--zone crew|care|control|app] [--signed in|out] [--out FOLDER]`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    zone: { type: "string" },
    signed: { type: "string" },
    out: { type: "string", default: ".cache/scans" },
    help: { type: "boolean" },
  },
});

interface Target {
  zone: CellZone | "app";
  host: string;
  token: string | undefined;
  name: string;
}

interface Sample {
  ids: Record<string, string>;
  bodies: Record<string, unknown>;
}

const queries: Record<string, string> = {
  "/control/v1/devices": "?page=1&find=a&sort=name&order=ascending",
  "/control/v1/people": "?page=1&find=a&sort=name&order=ascending",
  "/control/v1/sessions": "?page=1&find=a&sort=person&order=descending",
  "/control/v1/reviews": "?page=1&find=a&sort=asked&order=descending",
  "/control/v1/accesses": "?person=n-okafor&from=2026-01-01T00:00:00.000Z&to=2036-01-01T00:00:00.000Z",
  "/control/v1/accesses/records": "?person=n-okafor&from=2026-01-01T00:00:00.000Z&to=2036-01-01T00:00:00.000Z&page=1",
};

/** A route with an id of this server for each parameter. */
const filled = (url: string, { ids }: Sample): string =>
  url.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? "x").replace("*", "index.html") + (queries[url] ?? "");

/** Runs a program to its end; its standard output. */
const run = (program: string, args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.once("error", reject);
    child.once("exit", () => resolve(out));
  });

/** Vulnerabilities and anomalies of wapiti's report, one line each. */
const wapiti = async (origin: string, report: string): Promise<string[]> => {
  await run("wapiti", [
    ...["-u", `${origin}/scan`, "--scope", "domain", "--flush-session", "--max-scan-time", "300"],
    ...["--depth", "2", "-m", "all,-buster,-nikto,-wapp,-brute_login_form,-takeover", "-t", "10"],
    ...["-f", "json", "-o", report, "--no-bugreport", "-v", "0"],
  ]);
  const read = JSON.parse(readFileSync(report, "utf8")) as Record<
    "vulnerabilities" | "anomalies" | "additionals",
    Record<string, { method: string; path: string; info: string }[]>
  >;
  return [read.vulnerabilities, read.anomalies].flatMap((kinds) =>
    Object.entries(kinds ?? {}).flatMap(([kind, found]) =>
      // The page of links is the scan's own, and carries no headers.
      found
        .filter(({ path }) => path !== "/scan")
        .map(({ method, path, info }) => `${kind}: ${method} ${path}: ${info}`),
    ),
  );
};

/** What sqlmap says of one request, when it says that something is injectable. */
const sqlmap = async (origin: string, path: string, body: unknown, out: string): Promise<string[]> => {
  const [where, query = ""] = path.split("?", 2);
  // Ids within the path are tried as well as what the query or the body holds.
  const marked = where!.replace(/\/([0-9a-f-]{36}|[0-9a-f]{64}|n-okafor|x)(?=\/|$)/g, "/$1*");
  const asked = `${origin}${marked}${query === "" ? "" : `?${query.replaceAll("&", "*&")}*`}`;
  const data =
    body === undefined ? [] : ["--data", JSON.stringify(body), "--headers", "Content-Type: application/json"];
  if (body === undefined && !asked.includes("*")) return [];
  const said = await run("sqlmap", [
    ...["-u", asked, ...data, "--batch", "--disable-coloring", "--flush-session", "--output-dir", out],
    ...[
      "--dbms",
      "PostgreSQL",
      "--level",
      "2",
      "--risk",
      "2",
      "--technique",
      "BEUS",
      "--threads",
      "4",
      "--ignore-code",
      "*",
    ],
  ]);
  return said
    .split("\n")
    .filter((line) => /is vulnerable|identified the following injection|resumed the following/.test(line));
};

const prepare = async (server: TestServer): Promise<{ targets: Target[]; sample: Sample }> => {
  const tablet = await enrolTestDevice(server, "crew");
  const screen = await enrolTestDevice(server, "care");
  const desk = await openTestDesk(server, "n-desk", ["governance", "security", "configuration", "records"]);
  const chain = testChain();
  await push(server, tablet, await runOf(tablet, chain, incident, note("Testcase"), destination(southgate)));
  const sent = await runOf(tablet, testChain(), note("Testcase"));
  const { recordId } = chain;
  // An access token lives ten minutes, and a scan longer.
  const signedIn = (device: TestDevice, name: string, roles: readonly Role[]): string => {
    const { deviceId, zone, publicKey, enrolment } = device;
    const token = issueToken(server.cells.get("northmoor")!.keyRing.tokenKey, {
      deviceId,
      person: { userId: "n-scan", name, roles, strength: "passkey" },
      authenticatedMs: Date.now(),
      keyThumbprint: thumbprintOf(publicKey),
      zone,
      siteId: enrolment.site?.siteId,
      readsUntilMs: Date.now() + 86_400_000,
    });
    bindToken({ ...device, token });
    return token;
  };
  const hosts = {
    crew: "crew.northmoor.localhost",
    care: "care.northmoor.localhost",
    control: "control.northmoor.localhost",
  };
  const signed = {
    crew: signedIn(tablet, "Testcase Crew", ["paramedic"]),
    care: signedIn(screen, "Testcase Doctor", ["hospital-doctor"]),
    control: signedIn(desk.device, "Testcase Officer", ["governance", "security", "configuration", "records"]),
  };
  const targets = (["crew", "care", "control"] as const).flatMap((zone): Target[] => [
    { zone, host: hosts[zone], token: undefined, name: `${zone}, not signed in` },
    { zone, host: hosts[zone], token: signed[zone], name: `${zone}, signed in` },
  ]);
  for (const app of ["tablet", "hospital", "control"])
    targets.push({ zone: "app", host: `${app}.localhost`, token: undefined, name: `app ${app}` });
  return {
    targets,
    sample: {
      ids: {
        recordId,
        id: recordId,
        sha256: "0".repeat(64),
        type: "Observation",
        vid: "1",
        deviceId: tablet.deviceId,
        userId: "n-okafor",
        sessionId: desk.sessionId,
        settingId: "lock",
        reviewId: recordId,
      },
      bodies: {
        "/sync/v1/pull": { protocol: 1, records: { [recordId]: { epoch: 0, position: 0 } } },
        "/sync/v1/push": { protocol: 1, epochSeen: 0, chains: [sent] },
        "/sync/v1/heads": { protocol: 1, heads: [{ recordId, deviceId: tablet.deviceId, n: 1 }] },
        "/identity/v1/enrol": enrolBody(newDevice(), "DEMO-TABLET-2"),
        "/identity/v1/refresh": { refreshToken: "x.y" },
        "/control/v1/accesses/export": {
          person: "n-okafor",
          from: "2026-01-01T00:00:00.000Z",
          to: "2036-01-01T00:00:00.000Z",
          format: "csv",
        },
        "/control/v1/codes": { zone: "crew", deviceName: "Testcase" },
        "/control/v1/people": { name: "Testcase", staffNumber: "1", roles: ["paramedic"], reason: "Testcase" },
        "/control/v1/devices/:deviceId": { state: "active", reason: "Testcase", position: 1 },
        "/control/v1/settings/:settingId": { value: { afterMinutes: 5 }, reason: "Testcase", position: 0 },
      },
    },
  };
};

const scan = async (): Promise<number> => {
  const out = values.out;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const server = await bootForTest({ settings: { HOLDFAST_REQUESTS_PER_MINUTE: "10000000" } });
  const findings: string[] = [];
  try {
    const { targets, sample } = await prepare(server);
    for (const target of targets.filter(({ zone }) => values.zone === undefined || zone === values.zone)) {
      if (values.signed !== undefined && values.signed !== (target.token === undefined ? "out" : "in")) continue;
      const ends = (url: string) => Number(/\/(sign-out|end)$/.test(url));
      const routes = server
        .routes()
        .filter(({ zone, method }) => zone === target.zone && method !== "HEAD")
        // What ends the session comes last.
        .sort((a, b) => ends(a.url) - ends(b.url));
      const links = routes.filter(({ method }) => method === "GET").map(({ url }) => filled(url, sample));
      const proxy = await openSigningProxy(server, { ...target, links });
      const found: string[] = [];
      let tried = 0;
      try {
        if (values.only !== "sqlmap")
          found.push(...(await wapiti(proxy.origin, join(out, `${target.name.replace(/\W+/g, "-")}.json`))));
        if (values.only !== "wapiti")
          for (const { method, url } of routes) {
            const body = method === "GET" ? undefined : (sample.bodies[url] ?? { protocol: 1, reason: "Testcase" });
            if (method !== "GET" && method !== "POST") continue;
            tried += 1;
            const said = await sqlmap(proxy.origin, filled(url, sample), body, join(out, "sqlmap"));
            found.push(...said.map((line) => `sqlmap: ${method} ${url}: ${line.trim()}`));
          }
      } finally {
        await proxy.close();
      }
      console.log(`${target.name}: ${links.length} links, ${tried} requests tried by sqlmap, ${found.length} found`);
      for (const line of found) console.log(`  ${line}`);
      findings.push(...found);
    }
  } finally {
    await server.remove();
  }
  console.log(
    findings.length === 0
      ? "Nothing found."
      : `${findings.length} found; reports: ${readdirSync(out).length} in ${out}`,
  );
  return findings.length === 0 ? 0 : 1;
};

if (values.help) console.log(help);
else
  process.exitCode = await scan().catch((error: NodeJS.ErrnoException) => {
    console.error(error.code === "ENOENT" ? "Install the scanners: apt-get install wapiti sqlmap" : error);
    return error.code === "ENOENT" ? 3 : 1;
  });
