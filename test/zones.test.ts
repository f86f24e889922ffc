import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Poke, pokeSubprotocol } from "#protocol/poke.ts";
import type { RunningServer } from "#server/main.ts";
import { rolesOfZone } from "#server/postgres/zone-pools.ts";
import { call, signedSubprotocols } from "./boot.ts";
import { destination, enrolTestDevice, incident, push, runOf, southgate, testChain } from "./devices.ts";
import { inDatabase, postgresVersions, sql, startTestPostgres } from "./postgres.ts";

const holdfast = fileURLToPath(new URL("../tools/holdfast.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "holdfast-zones-"));
const running: ChildProcess[] = [];
let postgres: Awaited<ReturnType<typeof startTestPostgres>>;

interface ZoneProcess extends Pick<RunningServer, "ports"> {
  child: ChildProcess;
}

/** Runs `holdfast serve --zones …` in a process of its own until it says its ports; rejects with what it said instead. */
const serve = (zones: string, data: string, databaseUrl: string | undefined): Promise<ZoneProcess> => {
  const child = spawn(process.execPath, [holdfast, "serve", "--zones", zones, "--json"], {
    env: {
      ...process.env,
      HOLDFAST_DATA: data,
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      HOLDFAST_APP_PORT: "0",
      HOLDFAST_CREW_PORT: "0",
      HOLDFAST_CARE_PORT: "0",
      HOLDFAST_CONTROL_PORT: "0",
      HOLDFAST_DEMO_PEOPLE: "1",
      HOLDFAST_LOG: "error",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const line = out.split("\n").find((text) => text.startsWith("{"));
      if (line && out.includes("\n")) resolve({ child, ports: JSON.parse(line).ports });
    });
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${said}`)));
  });
};

const stop = async ({ child }: ZoneProcess): Promise<number | null> => {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  return (await ended)[0];
};

/** A data directory with the trusts' keys and the passwords of these zones' roles, and nothing else. */
const dataFor = (zone: "crew" | "care" | "control", from: string): string => {
  const data = join(folder, zone);
  mkdirSync(join(data, "secrets"), { recursive: true });
  cpSync(join(from, "keys"), join(data, "keys"), { recursive: true });
  for (const role of rolesOfZone[zone]) cpSync(join(from, "secrets", role), join(data, "secrets", role));
  return data;
};

const withoutUser = (url: string): string => {
  const at = new URL(url);
  at.username = "";
  at.password = "";
  return at.toString();
};

beforeAll(async () => {
  postgres = await startTestPostgres(postgresVersions[0]!);
});
afterAll(async () => {
  for (const child of running) if (child.exitCode === null) child.kill("SIGKILL");
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a process for each zone", () => {
  test("a push to crew's process pokes a screen of care's, which holds no password but its own", async () => {
    const whole = join(folder, "whole");
    const crew = await serve("crew", whole, postgres.url);
    const careData = dataFor("care", whole);
    const care = await serve("care", careData, withoutUser(postgres.url));
    expect([crew.ports.care, care.ports.crew]).toEqual([0, 0]);

    const tablet = await enrolTestDevice(crew, "crew");
    const screen = await enrolTestDevice(care, "care");
    const path = "/sync/v1/poke";
    const signedIn = await signedSubprotocols(care, { zone: "care", path, token: screen.token });
    const socket = new WebSocket(`ws://127.0.0.1:${care.ports.care}${path}`, [pokeSubprotocol, ...signedIn], {
      headers: { host: `care.northmoor.localhost:${care.ports.care}` },
    });
    const heard: Poke[] = [];
    socket.on("message", (data) => heard.push(JSON.parse(String(data))));
    await once(socket, "open");
    const pushed = await push(crew, tablet, await runOf(tablet, testChain(), incident, destination(southgate)));
    expect(pushed.answers.map(({ answer }) => answer)).toEqual(["accepted", "accepted"]);
    await expect.poll(() => heard, { timeout: 30_000 }).toContainEqual({ poke: "arrivals", siteId: "southgate-ed" });
    socket.terminate();

    // What the care zone has written since it started is its own: no password came to it from anywhere.
    expect(readdirSync(join(careData, "secrets")).sort()).toEqual(["care", "identity", "ingest"]);
    await expect(serve("crew", careData, withoutUser(postgres.url))).rejects.toThrow(/ended with 3.*no secret.*crew/s);

    expect(await stop(care)).toBe(0);
    const still = await call(crew, { zone: "crew", path: "/healthz" });
    expect(still.status).toBe(200);
    expect(await stop(crew)).toBe(0);
  });

  test("the web apps' process opens no database, and has neither keys nor passwords", async () => {
    const data = join(folder, "files");
    const app = await serve("app", data, "postgres://nobody@127.0.0.1:1/nowhere");
    expect((await call(app, { zone: "app", path: "/healthz" })).json()).toEqual({ zone: "app", status: "ok" });
    expect(existsSync(data)).toBe(false);
    expect(await stop(app)).toBe(0);
  });

  test("processes share the embedded database: the first starts it, the last to leave stops it", async () => {
    const data = join(folder, "shared");
    const crew = await serve("crew", data, undefined);
    const control = await serve("control", data, undefined);
    expect(await stop(crew)).toBe(0);
    // The database goes on without the process that started it: a new connection is answered.
    const enrolled = await call(control, { zone: "control", path: "/identity/v1/enrol", body: { nonsense: true } });
    expect(enrolled.status).toBe(400);
    const pid = join(data, "postgres", "postmaster.pid");
    expect(existsSync(pid)).toBe(true);
    expect(await stop(control)).toBe(0);
    expect(existsSync(pid)).toBe(false);
  });

  test("zones that nobody has, and a database that nobody prepared, end the start with what to do", async () => {
    await expect(serve("crew,cellar", join(folder, "none"), undefined)).rejects.toThrow(
      /ended with 3.*no zone "cellar"/s,
    );
    await sql(inDatabase(postgres.url), "DELETE FROM migration WHERE name LIKE '0001%'");
    const behind = serve("control", dataFor("control", join(folder, "whole")), withoutUser(postgres.url));
    await expect(behind).rejects.toThrow(/ended with 3.*not prepared for this version/s);
    const empty = await startTestPostgres(postgresVersions[0]!);
    try {
      const data = dataFor("control", join(folder, "whole"));
      await expect(serve("control", data, withoutUser(empty.url))).rejects.toThrow(/ended with 3/);
    } finally {
      await empty.stop();
    }
  });
});
