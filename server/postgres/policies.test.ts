import { beforeAll, describe, expect, test } from "vitest";
import type { DatabaseRole } from "#server/postgres/cluster.ts";
import { call } from "#test/boot.ts";
import {
  destination,
  enrolTestDevice,
  harbour,
  incident,
  note,
  pull,
  push,
  runOf,
  southgate,
  testChain,
} from "#test/devices.ts";
import { postgresVersions, sql } from "#test/postgres.ts";
import { useDevice, usePostgres, useServer } from "#test/set-up.ts";

describe.each(postgresVersions)("row-level security on PostgreSQL $version", (version) => {
  const postgres = usePostgres(version);
  const server = useServer(() => ({ databaseUrl: postgres.url }));
  const tablet = useDevice(server, "crew");
  const url = (role: DatabaseRole) => server.cells.get("northmoor")!.databaseUrl(role);
  const [ours, theirs] = [testChain(), testChain()];

  beforeAll(async () => {
    await push(server, tablet, await runOf(tablet, ours, incident, destination(southgate)));
    await push(server, tablet, await runOf(tablet, theirs, incident, destination(harbour)));
  });

  /** Record ids that a role finds in a table when it asks for every row, as the given site. */
  const found = async (role: "owner" | "care", table: string, site: string | null): Promise<Set<string>> => {
    const at = new URL(url(role));
    if (site !== null) at.searchParams.set("options", `-c holdfast.site=${site}`);
    const rows = await sql<{ record_id: string }>(at.toString(), `SELECT record_id FROM ${table}`);
    return new Set(rows.map((row) => row.record_id));
  };

  test.each(["care_line", "record_key", "record_head", "record_site", "arrival"])(
    "the care role sees its own site's rows of %s, even by direct SQL; the owner sees both",
    async (table) => {
      expect(await found("care", table, "southgate-ed")).toEqual(new Set([ours.recordId]));
      expect(await found("care", table, "harbour-ed")).toEqual(new Set([theirs.recordId]));
      expect(await found("care", table, null)).toEqual(new Set());
      expect(await found("owner", table, null)).toEqual(new Set([ours.recordId, theirs.recordId]));
    },
  );

  test.each([
    ["crew", "SELECT * FROM arrival"],
    ["crew", "SELECT * FROM search_token"],
    ["crew", "SELECT * FROM access_line"],
    ["care", "SELECT * FROM access_line"],
    ["care", "SELECT * FROM control_line"],
    ["care", "SELECT * FROM search_token"],
    ["ingest", "SELECT * FROM access_line"],
    ["crew", "INSERT INTO record_head VALUES (gen_random_uuid(), 1, now())"],
    ["crew", "DELETE FROM care_line"],
    ["care", "UPDATE care_line SET received = now()"],
    ["ingest", "UPDATE care_line SET received = now()"],
    ["ingest", "DELETE FROM care_line"],
    ["care", "SELECT append_control(NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}')"],
    ["ingest", "SELECT append_identity(NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}')"],
    ["identity", "SELECT append_control(NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}')"],
    ["identity", "SELECT append_identity(NULL, '{person}', '{x}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}')"],
    ["identity", "SELECT * FROM care_line"],
    ["control", "SELECT * FROM care_line"],
    ["control", "DELETE FROM control_line"],
  ] as const)("%s may not %s", async (role, text) => {
    await expect(sql(url(role), text)).rejects.toThrow(/permission denied/);
  });

  test("a screen pulls and writes its own site's records only", async () => {
    const screen = await enrolTestDevice(server, "care");
    expect((await pull(server, screen, ours.recordId)).lines).toHaveLength(2);
    expect(await pull(server, screen, theirs.recordId)).toEqual({ refused: "not-in-scope" });
    const foreign = await runOf(screen, testChain(theirs.recordId), note("not ours"));
    const drug = await runOf(screen, testChain(ours.recordId), { kind: "drug", body: { drug: "Testcase" } });
    // What is not the screen's to write stays there, and delays nothing beside it.
    const bed = await runOf(screen, testChain(ours.recordId), note("bed ready"));
    const answered = await push(server, screen, foreign, bed, drug);
    expect(answered.answers.map(({ hash: _hash, position: _position, ...each }) => each)).toEqual([
      { answer: "retry", code: "not-in-scope" },
      { answer: "accepted" },
      { answer: "retry", code: "kind-not-allowed" },
    ]);
    expect((await pull(server, tablet, theirs.recordId)).lines).toHaveLength(2);
    expect((await pull(server, screen, ours.recordId)).lines).toHaveLength(3);
  });

  test("a patient who is diverted leaves the old site's board as diverted, and is on the new one's", async () => {
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident, destination(southgate)));
    await push(server, tablet, await runOf(tablet, chain, destination(harbour)));
    const board = async (site: string) => {
      const screen = await enrolTestDevice(server, "care", site);
      const answer = await call(server, { zone: "care", path: "/arrivals/v1", token: screen.token });
      const rows = answer.json<{ arrivals: { recordId: string; state: string }[] }>().arrivals;
      return rows.find((row) => row.recordId === chain.recordId)?.state;
    };
    expect(await board("DEMO-SCREEN-SOUTHGATE")).toBe("diverted");
    expect(await board("DEMO-SCREEN-HARBOUR")).toBe("coming");
  });
});
