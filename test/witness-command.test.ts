import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProofResult } from "#protocol/control/proof.ts";
import { startTestArchive, type TestArchive } from "./archive.ts";
import { bootForTest, type TestServer } from "./boot.ts";
import { enrolTestDevice, incident, note, push, runOf, testChain } from "./devices.ts";
import { postgresVersions, sql, startTestPostgres } from "./postgres.ts";

const script = fileURLToPath(new URL("../tools/holdfast.ts", import.meta.url));
let archive: TestArchive;
let postgres: Awaited<ReturnType<typeof startTestPostgres>>;
let server: TestServer;
let witness: ChildProcess;
let setting: string;

const startWitness = async (): Promise<string> => {
  const logKey = join(archive.officers, "northmoor.log-key");
  const args = [
    script,
    "witness",
    "--data",
    join(archive.officers, "..", "w"),
    "--log-key",
    logKey,
    "--port",
    "0",
    "--json",
  ];
  witness = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(witness.stdout!, "data")) as [Buffer];
  const { port, verifier } = JSON.parse(line.toString());
  return `${verifier}@http://127.0.0.1:${port}`;
};
beforeAll(async () => {
  archive = await startTestArchive();
  setting = await startWitness();
  postgres = await startTestPostgres(postgresVersions[0]!);
  server = await bootForTest({
    data: archive.base,
    databaseUrl: postgres.url,
    settings: { HOLDFAST_LETTERBOX: archive.address, HOLDFAST_WITNESSES: setting },
  });
  const tablet = await enrolTestDevice(server, "crew");
  await push(server, tablet, await runOf(tablet, testChain(), incident, note("PLANTED")));
});
afterAll(async () => {
  await server?.remove();
  witness?.kill("SIGTERM");
  await archive?.remove();
  await postgres?.stop();
});

/** Not at once: the letterbox is served by this very process. */
const run = (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const env = {
      ...process.env,
      HOLDFAST_DATA: archive.base,
      DATABASE_URL: postgres.url,
      HOLDFAST_WITNESSES: setting,
    };
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
/** With the secret of the base, which reads heads, or of the standby, which reads segments too. */
const verify = (of: "base" | "standby", ...more: string[]) => {
  const secret = join(archive[of], "secrets", "letterbox");
  return run("verify", "--trust", "northmoor", "--letterbox", archive.address, "--secret", secret, ...more);
};

describe("holdfast witness and holdfast verify", () => {
  test("prove what was written, beside a server that runs, and name what was changed: 0, then 1", async () => {
    const signed = async () =>
      (await archive.reader.heads("northmoor", "care", 0)).some((head) => head.includes("witness"));
    await expect.poll(signed).toBe(true);
    const good = await verify("base", "--json");
    expect([good.status, good.stderr]).toEqual([0, ""]);
    const { logs } = JSON.parse(good.stdout) as ProofResult;
    expect(logs.find(({ log }) => log === "care")).toMatchObject({ provenTo: 2, cosigned: true, problemCount: 0 });
    const at = new URL(postgres.url);
    at.pathname = "/holdfast_northmoor";
    await sql(at.toString(), "UPDATE care_line SET received = received + interval '1 hour' WHERE position = 1");
    const bad = await verify("standby", "--identity", join(archive.standby, "keys", "northmoor.identity"));
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain("SOMETHING IS WRONG");
    expect(bad.stdout).not.toContain("PLANTED");
  });

  test("a witness that was killed goes on from what it has signed, with the same key", async () => {
    const ended = once(witness, "exit");
    witness.kill("SIGKILL");
    await ended;
    const again = await startWitness();
    expect(again.split("@")[0]).toBe(setting.split("@")[0]);
    const { heads } = (await (await fetch(`${again.split("@")[1]}/heads`)).json()) as { heads: string[] };
    expect(heads.some((head) => head.startsWith("holdfast.example/northmoor/care\n2\n"))).toBe(true);
  });

  test.each([
    [["verify"]],
    [["verify", "--trust", "nowhere"]],
    [["verify", "--trust", "northmoor", "--letterbox", "http://127.0.0.1:1"]],
    [["witness", "--data", "/nowhere"]],
  ])("%j is wrongly called: 2", async (args) => {
    expect((await run(...args)).status).toBe(2);
  });
});
