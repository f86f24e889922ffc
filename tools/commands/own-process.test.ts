import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { putPreparedPostgres } from "#test/prepared-postgres.ts";
import { useFolder } from "#test/set-up.ts";
import { startProcess } from "./own-process.ts";

const data = useFolder("own-process");
const free = Object.fromEntries(["APP", "CREW", "CARE", "CONTROL"].map((zone) => [`HOLDFAST_${zone}_PORT`, "0"]));
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
};

test("a base that was killed leaves its PostgreSQL running, and what started it ends that as it closes", async () => {
  const postgres = join(data, "postgres");
  await putPreparedPostgres(data);
  const settings = { ...free, HOLDFAST_DATA: data, DATABASE_URL: "", HOLDFAST_LOG: "silent" };
  const base = await startProcess(["serve", "--zones", "crew,care,control"], settings, postgres);
  const [pid] = readFileSync(join(postgres, "postmaster.pid"), "utf8").split("\n").map(Number);
  process.kill(base.pid, "SIGKILL");
  await base.ended;
  expect(isAlive(pid!)).toBe(true);
  await base.close();
  await vi.waitUntil(() => !isAlive(pid!), { timeout: 60_000 });
});
