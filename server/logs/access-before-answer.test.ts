import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { bootForTest, call, type TestServer } from "#test/boot.ts";
import { enrolTestDevice, incident, push, runOf, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import type { AccessLog } from "./access-log.ts";

/** What a server does that answers before the line is durable; its lines are on their way when `died` resolves. */
const withoutWaiting =
  (died: Promise<void>) =>
  (log: AccessLog): AccessLog => ({
    ...log,
    write: async (...line) => void died.then(() => log.write(...line)).catch(() => {}),
  });

/**
 * Two records are read while their access line cannot commit, and the database dies just then. Tells whether data left, and
 * whether the line is there when the database is back. A server that waits cannot answer first.
 */
const readWhileDatabaseDies = async (
  server: TestServer,
  { afterAnswer }: { afterAnswer: boolean },
): Promise<{ dataLeft: boolean; lines: number }> => {
  const url = () => server.cells.get("northmoor")!.databaseUrl("owner");
  const tablet = await enrolTestDevice(server, "crew");
  const [one, two] = [testChain(), testChain()];
  await push(server, tablet, await runOf(tablet, one, incident), await runOf(tablet, two, incident));
  const records = Object.fromEntries([one, two].map(({ recordId }) => [recordId, { epoch: 1, position: 0 }]));

  const holder = new pg.Client({ connectionString: url() });
  holder.on("error", () => {});
  await holder.connect();
  await holder.query("BEGIN; SELECT FROM log_head WHERE log = 'access' FOR UPDATE");
  const answer = call(server, {
    zone: "crew",
    path: "/sync/v1/pull",
    token: tablet.token,
    body: { protocol: 1, records },
  });
  const waiting = "SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted";
  if (afterAnswer) await answer;
  else await expect.poll(async () => (await sql<{ n: number }>(url(), waiting))[0]?.n, { timeout: 10_000 }).toBe(1);
  const postmaster = readFileSync(join(server.dataDirectory, "postgres", "postmaster.pid"), "utf8").split("\n")[0];
  // PostgreSQL's immediate shutdown: every backend ends where it stands, and nothing more is written.
  process.kill(Number(postmaster), "SIGQUIT");
  const { status, text } = await answer;
  await holder.end().catch(() => {});
  await server.restart();
  const found = await sql<{ n: number }>(
    url(),
    "SELECT count(*)::int AS n FROM access_line WHERE record_ids @> ARRAY[$1::uuid]",
    [one.recordId],
  );
  return { dataLeft: status === 200 && text.includes(one.recordId), lines: found[0]!.n };
};

describe("data leaves only after its access line", () => {
  test("when the database dies between line and answer, no data left without a line", async () => {
    const server = await bootForTest();
    try {
      expect(await readWhileDatabaseDies(server, { afterAnswer: false })).toEqual({ dataLeft: false, lines: 0 });
    } finally {
      await server.remove();
    }
  });

  test("control: without waiting for the commit, data left that no line tells of", async () => {
    let die = () => {};
    const died = new Promise<void>((resolve) => {
      die = resolve;
    });
    const server = await bootForTest({ accessLog: withoutWaiting(died) });
    try {
      expect(await readWhileDatabaseDies(server, { afterAnswer: true })).toEqual({ dataLeft: true, lines: 0 });
    } finally {
      die();
      await server.remove();
    }
  });
});
