import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startLetterbox } from "#server/archive/letterbox-server.ts";
import { SetupProblem } from "#server/config.ts";
import { startWitness } from "#server/heads/witness-server.ts";
import { bootForTest, bootStandbyForTest } from "#test/boot.ts";
import { useListener } from "#test/listener.ts";
import { useArchive, useFolder } from "#test/set-up.ts";

const taken = useListener((_request, response) => void response.end());
const archive = useArchive();
const empty = useFolder("no-archive");
const port = () => Number(new URL(taken()).port);
const bind = "127.0.0.1";
const atLetterbox = (directory: string, at: number) =>
  startLetterbox({ directory, bind, port: at, keepDays: 1, trusts: ["northmoor"] });

/** What whoever started it reads. */
const problemOf = async (starting: Promise<{ close(): Promise<unknown> }>): Promise<string> => {
  const failure = await starting.then(
    (server) => server.close(),
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(SetupProblem);
  return (failure as SetupProblem).message;
};

test("whatever listens says of a port that is taken which it is, and what to do", async () => {
  const logKeyFiles = [join(archive.officers, "northmoor.log-key")];
  const witness = { directory: join(empty, "w"), name: "test.example/witness", logKeyFiles, bind };
  const zone = { HOLDFAST_CREW_PORT: String(port()) };
  const starts: [string, () => Promise<{ close(): Promise<unknown> }>][] = [
    ["--port", () => atLetterbox(archive.letterboxDirectory, port())],
    ["--port", () => startWitness({ ...witness, port: port() })],
    ["HOLDFAST_CREW_PORT", () => bootForTest({ settings: zone })],
    ["HOLDFAST_CREW_PORT", () => bootStandbyForTest(archive, zone)],
  ];
  for (const [todo, start] of starts) {
    const words = await problemOf(start());
    expect(words).toContain(`Port ${port()} on 127.0.0.1 is taken`);
    expect(words).toContain(todo);
  }
  // The control: on a free one it listens.
  await (await startWitness({ ...witness, port: 0 })).close();
});

test("a letterbox or standby without what `holdfast archive init` makes names that command", async () => {
  expect(await problemOf(atLetterbox(empty, 0))).toContain("`holdfast archive init`");
  const standby = join(empty, "standby");
  mkdirSync(standby);
  writeFileSync(join(standby, "northmoor.log-key"), "");
  expect(await problemOf(bootStandbyForTest({ standby, address: archive.address }))).toContain(
    "`holdfast archive init`",
  );
});
