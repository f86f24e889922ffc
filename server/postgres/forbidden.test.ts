import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inDatabase, postgresVersions, startTestPostgres } from "#test/postgres.ts";
import { readConfig } from "../config.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import type { ServingRole } from "./zone-pools.ts";

/** PostgreSQL's insufficient_privilege: the database itself says no, whatever the code that asked was thinking. */
const insufficientPrivilege = "42501";

/** What no role of a zone may do. */
const forbiddenToAll = [
  // Change or take away what is written.
  "UPDATE care_line SET received = now()",
  "DELETE FROM care_line",
  "TRUNCATE care_line",
  "INSERT INTO care_line (position, epoch, received, device_id, record_id, hash, quarantine, sealed) VALUES (1, 1, now(), gen_random_uuid(), gen_random_uuid(), '', 'x', '')",
  "UPDATE access_line SET sealed = ''",
  "DELETE FROM access_line",
  "INSERT INTO access_line (epoch, position, received, hash, sealed) VALUES (1, 1, now(), '', '')",
  "UPDATE control_line SET sealed = ''",
  "DELETE FROM control_line",
  "INSERT INTO control_line (position, epoch, received, hash, sealed) VALUES (1, 1, now(), '', '')",
  "UPDATE log_head SET position = 0",
  "UPDATE life SET epoch = 2",
  "DELETE FROM record_key",
  // End a record with no line that says so, or bring one back.
  "SELECT end_record(gen_random_uuid(), 1, now())",
  "INSERT INTO disposed_record VALUES (gen_random_uuid(), 1, now())",
  "UPDATE disposed_record SET through_position = 0",
  "DELETE FROM disposed_record",
  "UPDATE subject SET sealed = ''",
  "INSERT INTO subject VALUES ('person', 'x', NULL, 1, now(), '')",
  "SELECT * FROM search_token",
  "SELECT * FROM migration",
  "DO $$ BEGIN LOCK TABLE care_line IN ACCESS EXCLUSIVE MODE; END $$",
  // Change what guards it.
  "ALTER TABLE care_line DISABLE ROW LEVEL SECURITY",
  "CREATE POLICY mine ON care_line USING (true)",
  "DROP POLICY owner_all ON access_line",
  "DROP TABLE access_line",
  "ALTER TABLE access_line OWNER TO CURRENT_USER",
  "CREATE TRIGGER t BEFORE INSERT ON access_line FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
  "CREATE RULE quiet AS ON INSERT TO access_line DO INSTEAD NOTHING",
  "CREATE OR REPLACE FUNCTION append_access() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  "DROP FUNCTION append_access",
  "SELECT has_said_why(gen_random_uuid(), 'x', gen_random_uuid())",
  "SELECT write_control(NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
  // Become somebody else.
  "SET ROLE holdfast_owner",
  "SET SESSION AUTHORIZATION holdfast_owner",
  "GRANT holdfast_owner TO CURRENT_USER",
  "ALTER ROLE CURRENT_USER SUPERUSER",
  "ALTER ROLE CURRENT_USER BYPASSRLS",
  "ALTER ROLE holdfast_owner PASSWORD 'mine'",
  "CREATE ROLE somebody LOGIN",
  // Leave the database, or build in it.
  "COPY life TO '/tmp/holdfast-stolen'",
  "COPY (SELECT 1) TO PROGRAM 'true'",
  "SELECT pg_read_file('/etc/passwd')",
  "SELECT pg_ls_dir('/')",
  "SELECT lo_import('/etc/passwd')",
  "SELECT lo_from_bytea(0, '\\x00')",
  "SELECT rolpassword FROM pg_authid",
  "SELECT * FROM pg_hba_file_rules",
  "ALTER SYSTEM SET fsync = off",
  "SELECT pg_reload_conf()",
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'holdfast_admin'",
  "CREATE TABLE loot (x text)",
  "CREATE TEMPORARY TABLE loot (x text)",
  "CREATE SCHEMA loot",
  "CREATE FUNCTION loot() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  "CREATE DATABASE loot",
  "CREATE EXTENSION file_fdw",
  "CREATE CAST (text AS bytea) WITHOUT FUNCTION",
  "CREATE PUBLICATION loot FOR ALL TABLES",
  "DROP DATABASE holdfast_westvale",
];

const appendCare = `SELECT append_care(${Array.from({ length: 30 }, () => "'{}'").join(", ")})`;
const appendAccess = `SELECT append_access(${Array.from({ length: 10 }, () => "'{}'").join(", ")})`;
const appendControl = "SELECT append_control(NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}')";
const appendIdentity = "SELECT append_identity(NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}')";
const disposeRecord =
  "SELECT dispose_record(gen_random_uuid(), 1, now(), NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}')";
const readAtDesk = "SELECT record_for_desk(gen_random_uuid())";
const find = "SELECT find_records('{}', 6)";
/** What only a hospital's person reads, for a reason that the access log has. */
const behindGlass = [
  "SELECT heads_behind_glass(gen_random_uuid(), 'x', '{}')",
  "SELECT lines_behind_glass(gen_random_uuid(), 'x', '{}', '{}', 1)",
  "SELECT keys_behind_glass(gen_random_uuid(), 'x', '{}')",
  "SELECT blob_behind_glass(gen_random_uuid(), 'x', gen_random_uuid(), '')",
  "SELECT chunks_behind_glass(gen_random_uuid(), 'x', gen_random_uuid(), '', 0, 1)",
  "SELECT held_behind_glass(gen_random_uuid(), 'x', '{}')",
  "SELECT say_at_standby(gen_random_uuid(), 'x', '{}')",
];
const readCare = ["care_line", "record_key", "record_head", "record_site", "arrival", "blob", "blob_chunk"].map(
  (table) => `SELECT * FROM ${table}`,
);

/** What the desk alone does, and who is who: no zone that takes or reads records may. */
const ofDeskAndIdentity = [
  readAtDesk,
  disposeRecord,
  "SELECT place_of_record(gen_random_uuid())",
  "SELECT late_records(1)",
  appendControl,
  appendIdentity,
  "SELECT * FROM access_line",
  "SELECT * FROM control_line",
  "SELECT * FROM subject",
  "SELECT * FROM session",
  "SELECT * FROM used_once",
  "SELECT * FROM pin_try",
];
const newSession = (zone: string): string =>
  `INSERT INTO session (session_id, zone, key_thumbprint, ends, refresh_hash, sealed) VALUES (gen_random_uuid(), '${zone}', '', now(), '', '')`;

/** What is another zone's to do, and one thing that is this one's, so that a refusal means something. */
const zones: Record<ServingRole, { forbidden: string[]; allowed: string }> = {
  ingest: {
    forbidden: [
      ...ofDeskAndIdentity,
      ...behindGlass,
      find,
      appendAccess,
      "SELECT * FROM arrival",
      "SELECT * FROM blob_chunk",
      "UPDATE session SET ended = NULL",
    ],
    allowed: "SELECT count(*) FROM care_line",
  },
  identity: {
    forbidden: [
      ...readCare,
      ...behindGlass,
      find,
      readAtDesk,
      disposeRecord,
      "SELECT late_records(1)",
      appendCare,
      appendAccess,
      appendControl,
      "SELECT * FROM access_line",
      "DELETE FROM device_heartbeat",
      "SELECT append_identity(NULL, '{person}', '{x}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}')",
      "SELECT append_identity(NULL, '{setting}', '{x}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}')",
      "SELECT append_identity(NULL, '{review}', '{x}', '{NULL}', '{5}', '{NULL}', '{NULL}', '{NULL}')",
    ],
    allowed: "SELECT count(*) FROM subject",
  },
  crew: {
    forbidden: [
      ...ofDeskAndIdentity,
      ...behindGlass,
      appendCare,
      "SELECT * FROM arrival",
      "SELECT * FROM disposed_record",
      "SELECT disposed_record_of(gen_random_uuid())",
      newSession("crew"),
      "TRUNCATE blob",
    ],
    allowed: "SELECT count(*) FROM blob",
  },
  care: {
    forbidden: [
      ...ofDeskAndIdentity,
      appendCare,
      "DELETE FROM blob_chunk",
      "INSERT INTO blob (record_id, sha256, bytes, sealed_type) VALUES (gen_random_uuid(), '', 1, '')",
      "UPDATE arrival SET state = 'handed-over'",
      "UPDATE record_site SET gone = false",
      "SELECT accesses_of_record(gen_random_uuid(), now(), 1, 1, 1)",
      // At a base: there the log says why, or nobody.
      "SELECT say_at_standby(gen_random_uuid(), 'x', '{}')",
    ],
    allowed: "SELECT count(*) FROM arrival",
  },
  control: {
    forbidden: [
      ...readCare,
      ...behindGlass,
      find,
      appendCare,
      appendIdentity,
      "DELETE FROM session",
      "UPDATE session SET ends = 'infinity'",
      "UPDATE session SET refresh_hash = ''",
      newSession("control"),
      "UPDATE device_heartbeat SET counter = 0",
    ],
    allowed: "SELECT count(*) FROM access_line",
  },
  archive: {
    forbidden: [
      readAtDesk,
      appendCare,
      appendAccess,
      appendControl,
      appendIdentity,
      "SELECT * FROM subject",
      "SELECT * FROM session",
      "SELECT * FROM arrival",
      "DELETE FROM archive_mark",
      "UPDATE blob SET complete = true",
      "DELETE FROM blob",
      "INSERT INTO blob_chunk (record_id, sha256, start, sealed) VALUES (gen_random_uuid(), '', 0, '')",
      "DELETE FROM claimed_head",
      "SELECT append_proof(NULL, '{person}', '{x}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}')",
    ],
    allowed: "SELECT count(*) FROM care_line",
  },
};

describe.each(postgresVersions)("forbidden statements on PostgreSQL $version", (version) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-forbidden-"));
  let postgres: Awaited<ReturnType<typeof startTestPostgres>>;
  let cluster: Cluster;

  beforeAll(async () => {
    postgres = await startTestPostgres(version);
    cluster = await openCluster(readConfig({ HOLDFAST_DATA: folder, DATABASE_URL: postgres.url }));
    await cluster.prepare("northmoor");
    await cluster.prepare("westvale");
  });
  afterAll(async () => {
    await cluster?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What each statement was answered: an SQLSTATE, or "done". */
  const answers = async (url: string, statements: readonly string[]): Promise<[string, string][]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const told: [string, string][] = [];
    try {
      for (const text of statements) {
        const code = await client.query(text).then(
          () => "done",
          (error: { code?: string; message: string }) => `${error.code}`,
        );
        told.push([text, code]);
      }
    } finally {
      await client.end();
    }
    return told;
  };

  test.each(Object.entries(zones))("PostgreSQL refuses %s", async (role, { forbidden, allowed }) => {
    const url = cluster.url("northmoor", role as ServingRole);
    const statements = [...forbiddenToAll, ...forbidden];
    expect(new Set(statements).size).toBeGreaterThanOrEqual(30);
    // Somebody of more rights is connected, whom a statement above tries to throw out.
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    const told = await answers(url, statements);
    await admin.end();
    expect(told.filter(([, code]) => code !== insufficientPrivilege)).toEqual([]);
    expect(await answers(url, [allowed])).toEqual([[allowed, "done"]]);
    console.log(`PostgreSQL ${version.version} refused ${role} ${told.length} statements`);
  });

  test("control: the statements are well made, so that their refusal is about the right and not the grammar", async () => {
    const client = new pg.Client({ connectionString: inDatabase(postgres.url) });
    await client.connect();
    const wrong: string[] = [];
    const all = new Set([...forbiddenToAll, ...Object.values(zones).flatMap(({ forbidden }) => forbidden)]);
    for (const text of all) {
      // A superuser's would be done, and no rollback undoes it.
      if (/TO '\/tmp|pg_terminate_backend/.test(text)) continue;
      await client.query("BEGIN");
      const code = await client.query(text).then(
        () => "done",
        (error: { code?: string }) => String(error.code),
      );
      await client.query("ROLLBACK");
      // Class 42 without "may not": a name or a form that PostgreSQL does not know.
      if (code.startsWith("42") && code !== insufficientPrivilege) wrong.push(`${code} ${text}`);
    }
    await client.end();
    expect(wrong).toEqual([]);
  });
});
