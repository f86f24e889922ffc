import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inDatabase, postgresVersions, sql, startTestPostgres } from "#test/postgres.ts";
import { type ReadRights, readRights } from "#test/read-rights.ts";
import { readConfig } from "../config.ts";
import { openCluster } from "./cluster.ts";
import type { ServingRole } from "./zone-pools.ts";

/**
 * Every right that each zone's role has, by hand, from what its zone does; docs/keys.md says who holds its password. A
 * migration that gives another is answered by this test, and the question is then whether the zone needs it.
 */
const rights: Record<ServingRole, { tables: string[]; columns?: string[]; functions: string[] }> = {
  // Appends entries for every zone that takes them, and reads what they have to fit.
  ingest: {
    tables: [
      "care_line: SELECT",
      "chain_hole: SELECT",
      "disposed_record: SELECT",
      "life: SELECT",
      "log_head: SELECT",
      "record_head: SELECT",
      "record_key: SELECT",
    ],
    functions: ["append_care"],
  },
  // Knows who is who; reads no record and no access.
  identity: {
    tables: [
      "archive_mark: SELECT",
      "claimed_head: DELETE, INSERT, SELECT, UPDATE",
      "control_line: SELECT",
      "device_heartbeat: INSERT, SELECT, UPDATE",
      "disposed_record: SELECT",
      "life: SELECT",
      "log_head: SELECT",
      "pin_try: DELETE, INSERT, SELECT, UPDATE",
      "session: DELETE, INSERT, SELECT, UPDATE",
      "subject: SELECT",
      "used_once: DELETE, INSERT, SELECT",
    ],
    functions: ["append_identity", "applied_migrations"],
  },
  // Tablets: read their trust's records, and keep attachments.
  crew: {
    tables: [
      "blob: DELETE, INSERT, SELECT, UPDATE",
      "blob_chunk: DELETE, INSERT, SELECT, UPDATE",
      "care_line: SELECT",
      "held_line: SELECT",
      "life: SELECT",
      "log_head: SELECT",
      "record_head: SELECT",
      "record_key: SELECT",
    ],
    functions: [
      "accesses_of_record",
      "append_access",
      "find_records",
      "held_lines",
      "lines_after",
      "readers_of_record",
      "say_at_standby",
    ],
  },
  // Hospital screens: what comes to their site, by row-level security; anything else once that is in the access log.
  care: {
    tables: [
      "arrival: SELECT",
      "blob: SELECT",
      "blob_chunk: SELECT",
      "care_line: SELECT",
      "held_line: SELECT",
      "life: SELECT",
      "log_head: SELECT",
      "record_head: SELECT",
      "record_key: SELECT",
      "record_site: SELECT",
    ],
    functions: [
      "accesses_for_site",
      "append_access",
      "arrivals_for_site",
      "blob_behind_glass",
      "blob_for_site",
      "chunks_behind_glass",
      "chunks_for_site",
      "disposed_record_of",
      "find_records",
      "heads_behind_glass",
      "heads_for_site",
      "held_behind_glass",
      "held_for_site",
      "held_lines",
      "keys_behind_glass",
      "keys_for_site",
      "lines_after",
      "lines_behind_glass",
      "lines_for_site",
      "record_of_entry",
      "relations_for_site",
      "say_at_standby",
    ],
  },
  // The desk: people, devices, settings, and who has seen what; one record at a time, once that is in the access log.
  control: {
    tables: [
      "access_line: SELECT",
      "control_line: SELECT",
      "device_heartbeat: SELECT",
      "disposed_record: SELECT",
      "life: SELECT",
      "log_head: SELECT",
      "session: SELECT",
      "subject: SELECT",
    ],
    columns: ["session (ended, why_ended): UPDATE"],
    functions: [
      "accesses_of_record",
      "append_access",
      "append_control",
      "dispose_record",
      "late_records",
      "place_of_record",
      "record_for_desk",
      "records_by_tokens",
    ],
  },
  // Seals every log into the archive, and proves it: reads all lines, changes none, and writes what it found.
  archive: {
    tables: [
      "access_line: SELECT",
      "archive_mark: INSERT, SELECT, UPDATE",
      "blob: SELECT",
      "blob_chunk: SELECT",
      "care_line: SELECT",
      "claimed_head: SELECT",
      "control_line: SELECT",
      "disposed_record: SELECT",
      "life: SELECT",
      "log_head: SELECT",
      "record_key: SELECT",
    ],
    columns: ["blob (archived): UPDATE"],
    functions: ["append_proof"],
  },
};

/** The same for every role: the rest is what PostgreSQL gives to whoever may connect. */
const expected = (role: ServingRole): ReadRights => ({
  attributes: ["INHERIT", "LOGIN"],
  databases: [
    "holdfast_northmoor: CONNECT",
    "holdfast_westvale: CONNECT",
    "postgres: CONNECT, TEMPORARY",
    "template1: CONNECT",
  ],
  schemas: ["information_schema: USAGE", "pg_catalog: USAGE", "public: USAGE"],
  columns: [],
  // A view on the session's own settings.
  elsewhere: ["pg_catalog.pg_settings: UPDATE"],
  ...rights[role],
});

describe.each(postgresVersions)("rights on PostgreSQL $version", (version) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-rights-"));
  let postgres: Awaited<ReturnType<typeof startTestPostgres>>;
  const ask = <Row extends Record<string, unknown>>(text: string, values?: unknown[]) =>
    sql<Row>(inDatabase(postgres.url), text, values);
  const rightsOf = (role: ServingRole) => readRights(ask, `holdfast_${role}`, version.version);

  beforeAll(async () => {
    postgres = await startTestPostgres(version);
    const cluster = await openCluster(readConfig({ HOLDFAST_DATA: folder, DATABASE_URL: postgres.url }));
    await cluster.prepare("northmoor");
    await cluster.prepare("westvale");
    await cluster.stop();
  });
  afterAll(async () => {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(Object.keys(rights) as ServingRole[])("%s has exactly its rights", async (role) => {
    expect(await rightsOf(role)).toEqual(expected(role));
  });

  test("rows are guarded in every table, for its owner too, and everything is the owner's", async () => {
    // Lines of care are put back by COPY, which is refused where that is forced on the owner, whose own policy is `true` there anyway.
    const tables = await ask<{ name: string; guarded: boolean; owner: string }>(
      `SELECT relname AS name, relrowsecurity AND (relforcerowsecurity OR relname = 'care_line') AS guarded,
         pg_get_userbyid(relowner) AS owner
       FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
    );
    expect(tables.length).toBeGreaterThan(15);
    expect(tables.filter(({ guarded, owner }) => !guarded || owner !== "holdfast_owner")).toEqual([]);
    const functions = await ask<{ name: string }>(
      `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       AND (pg_get_userbyid(proowner) <> 'holdfast_owner' OR prosecdef AND NOT proconfig::text LIKE '%search_path=public, pg_temp%')`,
    );
    expect(functions).toEqual([]);
  });

  test.each([
    ["tables", "GRANT SELECT ON access_line TO holdfast_care", "REVOKE SELECT ON access_line FROM holdfast_care"],
    [
      "tables",
      "GRANT TRUNCATE ON blob TO holdfast_care",
      "REVOKE ALL ON blob FROM holdfast_care; GRANT SELECT ON blob TO holdfast_care",
    ],
    [
      "columns",
      "GRANT UPDATE (state) ON arrival TO holdfast_care",
      "REVOKE UPDATE (state) ON arrival FROM holdfast_care",
    ],
    [
      "functions",
      "GRANT EXECUTE ON FUNCTION append_control TO PUBLIC",
      "REVOKE EXECUTE ON FUNCTION append_control FROM PUBLIC",
    ],
    ["schemas", "GRANT CREATE ON SCHEMA public TO holdfast_care", "REVOKE CREATE ON SCHEMA public FROM holdfast_care"],
    [
      "databases",
      "GRANT TEMPORARY ON DATABASE holdfast_northmoor TO holdfast_care",
      "REVOKE TEMPORARY ON DATABASE holdfast_northmoor FROM holdfast_care",
    ],
    ["attributes", "ALTER ROLE holdfast_care BYPASSRLS", "ALTER ROLE holdfast_care NOBYPASSRLS"],
    ["attributes", "GRANT holdfast_control TO holdfast_care", "REVOKE holdfast_control FROM holdfast_care"],
    [
      "elsewhere",
      "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO holdfast_care",
      "REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM holdfast_care",
    ],
    [
      "elsewhere",
      "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO holdfast_care",
      "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM holdfast_care",
    ],
  ] as const)("control: a right too many among %s is found", async (where, grant, revoke) => {
    await ask(grant);
    expect((await rightsOf("care"))[where]).not.toEqual(expected("care")[where]);
    await ask(revoke);
    expect((await rightsOf("care"))[where]).toEqual(expected("care")[where]);
  });
});
