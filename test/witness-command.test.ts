import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProofResult } from "#protocol/control/proof.ts";
import { enrolTestDevice, incident, note, push, runOf, testChain } from "./devices.ts";
import { expectWronglyCalled, runHoldfast, startHoldfast } from "./holdfast.ts";
import { inDatabase, postgresVersions, sql } from "./postgres.ts";
import { useArchive, usePostgres, useServer } from "./set-up.ts";

let witness: ChildProcess;
let setting: string;

const startWitness = async (): Promise<string> => {
  const logKey = join(archive.officers, "northmoor.log-key");
  const args = ["witness", "--data", join(archive.officers, "..", "w"), "--log-key", logKey, "--port", "0", "--json"];
  witness = startHoldfast(args);
  const [line] = (await once(createInterface({ input: witness.stdout! }), "line")) as [string];
  const { port, verifier } = JSON.parse(line);
  return `${verifier}@http://127.0.0.1:${port}`;
};
const archive = useArchive();
const postgres = usePostgres(postgresVersions[0]!);
beforeAll(async () => {
  setting = await startWitness();
});
afterAll(() => witness?.kill("SIGTERM"));
const server = useServer(() => ({
  data: archive.base,
  databaseUrl: postgres.url,
  settings: { HOLDFAST_LETTERBOX: archive.address, HOLDFAST_WITNESSES: setting },
}));
beforeAll(async () => {
  const tablet = await enrolTestDevice(server, "crew");
  await push(server, tablet, await runOf(tablet, testChain(), incident, note("PLANTED")));
});

/** With the secret of the base, which reads heads, or of the standby, which reads segments too. */
const verify = (of: "base" | "standby", ...more: string[]) => {
  const secret = join(archive[of], "secrets", "letterbox");
  const args = ["verify", "--trust", "northmoor", "--letterbox", archive.address, "--secret", secret, ...more];
  return runHoldfast(args, { HOLDFAST_DATA: archive.base, DATABASE_URL: postgres.url, HOLDFAST_WITNESSES: setting });
};

describe("holdfast witness and holdfast verify", () => {
  test("prove what was written, beside a server that runs, and name what was changed: 0, then 1", async () => {
    const signed = async () =>
      (await archive.reader.heads("northmoor", "care", 0)).some((head) => head.includes("witness"));
    await expect.poll(signed).toBe(true);
    const good = await verify("base", "--json");
    expect([good.code, good.told]).toEqual([0, ""]);
    const { logs } = JSON.parse(good.out) as ProofResult;
    expect(logs.find(({ log }) => log === "care")).toMatchObject({ provenTo: 2, cosigned: true, problemCount: 0 });
    await sql(
      inDatabase(postgres.url),
      "UPDATE care_line SET received = received + interval '1 hour' WHERE position = 1",
    );
    const bad = await verify("standby", "--identity", join(archive.standby, "keys", "northmoor.identity"));
    expect(bad.code).toBe(1);
    expect(bad.out).toContain("SOMETHING IS WRONG");
    expect(bad.out).not.toContain("PLANTED");
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
  ])("%j is wrongly called: 2", expectWronglyCalled);
});
