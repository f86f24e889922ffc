import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyFiles } from "#server/sealing/trust-key.ts";
import { incident, note, pull, push, runOf, testChain } from "./devices.ts";
import { endOf, expectWronglyCalled, type HoldfastEnd, startHoldfast } from "./holdfast.ts";
import { postgresVersions, sql } from "./postgres.ts";
import { useDevice, usePostgres, useServer } from "./set-up.ts";

const postgres = usePostgres(postgresVersions[0]!);
const server = useServer(() => ({ databaseUrl: postgres.url }));
const tablet = useDevice(server, "crew");
const chain = testChain();
const running: ChildProcess[] = [];

beforeAll(async () => {
  await push(server, tablet, await runOf(tablet, chain, incident, note("before")));
});
afterAll(() => {
  for (const child of running) if (child.exitCode === null) child.kill("SIGKILL");
});

const start = (...args: string[]): ChildProcess => {
  const child = startHoldfast(["keys", ...args], { HOLDFAST_DATA: server.dataDirectory, DATABASE_URL: postgres.url });
  running.push(child);
  return child;
};
const keys = (...args: string[]): Promise<HoldfastEnd> => endOf(start(...args));
const generations = () => readFileSync(keyFiles(server.dataDirectory, "northmoor").root, "utf8").trim().split("\n");

describe("holdfast keys rotate", () => {
  test("called with no key it ends with 2, and says how it is called", async () => {
    const { code, told } = await keys();
    expect([code, told]).toEqual([2, expect.stringContaining("holdfast keys rotate <trust|")]);
  });

  test.each([
    [["rotate"]],
    [["rotate", "everything"]],
    [["rotate", "trust", "--trust", "nowhere"]],
    [["rotate", "passwords", "--trust", "northmoor"]],
    [["rotate", "trust", "--fast"]],
  ])("%j is wrongly called: 2, and nothing is changed", async (args) => {
    const before = generations();
    await expectWronglyCalled(["keys", ...args]);
    expect(generations()).toEqual(before);
  });

  test("while zones run it says to stop them: 3", async () => {
    const { code, told } = await keys("rotate", "trust", "--trust", "northmoor");
    expect(code).toBe(3);
    expect(told).toMatch(/Zones of northmoor are running.*What to do: stop them/s);
    expect(generations()).toHaveLength(1);
  });

  test("killed half-way and run again, it goes on with the same new key, and the zones open everything", async () => {
    const owner = new pg.Client({ connectionString: server.cells.get("northmoor")!.databaseUrl("owner") });
    const [old] = generations();
    await server.close();
    // Somebody holds a row that the rotation comes to, so that it is killed in its midst, however fast the machine is.
    await owner.connect();
    await owner.query("BEGIN");
    await owner.query("SELECT FROM control_line FOR UPDATE");
    const child = start("rotate", "trust", "--trust", "northmoor");
    const waits =
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'holdfast rotation' AND wait_event_type = 'Lock'";
    await expect.poll(async () => (await sql<{ n: number }>(postgres.url, waits))[0]?.n, { timeout: 60_000 }).toBe(1);
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    await owner.query("ROLLBACK");
    await owner.end();
    const [newest, former] = generations();
    expect(former).toBe(old);

    const { code, out } = await keys("rotate", "trust", "--trust", "northmoor", "--json");
    expect(code).toBe(0);
    const said = JSON.parse(out);
    expect(said.rotated).toBe("trust");
    expect(said.changed.northmoor).toBeGreaterThan(0);
    expect(generations()).toEqual([newest]);
    await server.restart();
    expect((await pull(server, tablet, chain.recordId)).lines).toHaveLength(2);
  });

  test("passwords are rotated beside zones that run: 0", async () => {
    const { code, out } = await keys("rotate", "passwords");
    expect([code, out]).toEqual([0, "passwords: rotated, 7 changed\n"]);
    const again = async () =>
      (await push(server, tablet, await runOf(tablet, testChain(), incident))).answers[0]?.answer;
    await expect.poll(() => again().catch(() => null), { timeout: 60_000 }).toBe("accepted");
  });
});
