import { once } from "node:events";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { call } from "#test/boot.ts";
import { incident, note, pull, push, runOf, sendChunk, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useDevice, useServer } from "#test/set-up.ts";

const others =
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()";

describe("a database that fails", () => {
  const server = useServer();
  const tablet = useDevice(server, "crew");
  const asOwner = (text: string) => sql<{ n: string }>(server.cells.get("northmoor")!.databaseUrl("owner"), text);
  const pushing = (chains: unknown[]) => ({
    zone: "crew" as const,
    path: "/sync/v1/push",
    token: tablet.token,
    body: { protocol: 1, epochSeen: 0, chains },
  });

  test("[S02] a transaction that aborts is never acknowledged, and the same push goes through later", async () => {
    const chain = testChain();
    const run = await runOf(tablet, chain, incident);
    // What a full disk does: the insert fails in the midst of the transaction.
    await asOwner("ALTER TABLE care_line ADD CONSTRAINT no_room CHECK (false) NOT VALID");
    const refused = await call(server, pushing([run]));
    expect([refused.status, refused.json().code]).toEqual([503, "unavailable"]);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(await asOwner("SELECT count(*) AS n FROM care_line")).toEqual([{ n: "0" }]);
    await asOwner("ALTER TABLE care_line DROP CONSTRAINT no_room");
    expect((await push(server, tablet, run)).answers).toMatchObject([{ answer: "accepted", position: 1 }]);
  });

  test("[S02] what a database lost while it was away is not acknowledged from memory", async () => {
    const chain = testChain();
    const run = await runOf(tablet, chain, incident);
    await push(server, tablet, run);
    const { bus, databaseUrl, state } = server.cells.get("northmoor")!;
    const before = state().incarnation;
    // A standby that had not received the last commit takes over.
    await asOwner("DELETE FROM care_line WHERE position = (SELECT max(position) FROM care_line)");
    await asOwner(`DELETE FROM record_head WHERE record_id = '${chain.recordId}'`);
    await asOwner(`DELETE FROM record_key WHERE record_id = '${chain.recordId}'`);
    await asOwner("UPDATE log_head SET position = position - 1 WHERE log = 'care'");
    await asOwner("UPDATE life SET incarnation = gen_random_uuid()");
    const lost = once(bus, "lost");
    // The bus listens by the role that every process has.
    await sql(databaseUrl("ingest"), others);
    await sql(databaseUrl("identity"), others);
    await lost;
    expect((await push(server, tablet, run)).answers).toMatchObject([{ answer: "accepted" }]);
    await expect.poll(() => state().incarnation, { timeout: 10_000 }).not.toBe(before);
  });

  test("[S02] a lost connection is no acknowledgement, and the next push finds a new one", async () => {
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident));
    const run = await runOf(tablet, chain, note("after the cut"));
    const admin = server.cells.get("northmoor")!.databaseUrl("ingest");
    await sql(admin, others);
    const answer = await call(server, pushing([run]));
    if (answer.status !== 200) expect(answer.status).toBe(503);
    const again = await push(server, tablet, run);
    expect(["accepted", "duplicate"]).toContain(again.answers[0]?.answer);
    expect((await pull(server, tablet, chain.recordId)).lines).toHaveLength(2);
  });

  test("connections that break in the midst of a blob's chunk fail that chunk and not the process", async () => {
    const url = (role: "owner" | "crew") => server.cells.get("northmoor")!.databaseUrl(role);
    const data = Buffer.from("a chunk");
    const { recordId } = testChain();
    const send = () => sendChunk(server, tablet, recordId, data);
    const owner = new pg.Client({ connectionString: url("owner") });
    await owner.connect();
    try {
      await owner.query("BEGIN; LOCK blob IN ACCESS EXCLUSIVE MODE");
      const answer = send();
      const stuck = "SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'blob'::regclass AND NOT granted";
      await expect.poll(async () => (await owner.query<{ n: number }>(stuck)).rows[0]?.n).toBe(1);
      await sql(url("crew"), others);
      expect((await answer).status).toBe(503);
    } finally {
      await owner.end();
    }
    // An error that nobody listened for would have ended this test run by now.
    await expect.poll(async () => (await send()).status).toBe(204);
  });

  test("data leaves only after its access line: one record's read goes to the journal, a bulk read is refused", async () => {
    const [one, two] = [testChain(), testChain()];
    await push(server, tablet, await runOf(tablet, one, incident), await runOf(tablet, two, incident));
    const asked = (ids: string[]) => ({
      zone: "crew" as const,
      path: "/sync/v1/pull",
      token: tablet.token,
      body: { protocol: 1, records: Object.fromEntries(ids.map((id) => [id, { epoch: 1, position: 0 }])) },
    });
    const lines = async () => Number((await asOwner("SELECT count(*) AS n FROM access_line"))[0]?.n);
    const before = await lines();
    await asOwner("ALTER TABLE access_line ADD CONSTRAINT no_room CHECK (false) NOT VALID");
    expect((await call(server, asked([one.recordId, two.recordId]))).status).toBe(503);
    expect((await call(server, asked([one.recordId]))).status).toBe(200);
    expect(await lines()).toBe(before);
    await asOwner("ALTER TABLE access_line DROP CONSTRAINT no_room");
    // The next access that goes through takes the journal's line along.
    expect((await call(server, asked([two.recordId]))).status).toBe(200);
    await expect.poll(lines).toBe(before + 2);
  });
});
