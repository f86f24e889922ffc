import { describe, expect, test } from "vitest";
import {
  destination,
  enrolTestDevice,
  harbour,
  incident,
  note,
  push,
  runOf,
  southgate,
  testChain,
} from "#test/devices.ts";
import { openDisposals } from "#test/disposal.ts";
import { postgresVersions, sql } from "#test/postgres.ts";
import { useDevice, usePostgres, useServer } from "#test/set-up.ts";
import { projectionTables, rebuild } from "./rebuild.ts";
import { arrivalAbout } from "./site-rows.ts";

interface StoredRow {
  sealed: Buffer;
  record_id: string;
  site_id: string;
  kind: string;
  subject_id: string;
}

describe.each(postgresVersions)("holdfast rebuild on PostgreSQL $version", (version) => {
  const postgres = usePostgres(version);
  const server = useServer(() => ({ databaseUrl: postgres.url }));
  const tablet = useDevice(server, "crew");

  /** A table's rows in a fixed order, what is sealed opened: sealing the same twice gives other bytes. */
  const dump = async (table: string): Promise<unknown[]> => {
    const cell = server.cells.get("northmoor")!;
    const rows = await sql<StoredRow>(cell.databaseUrl("owner"), `SELECT * FROM ${table} ORDER BY 1, 2`);
    return rows.map(({ sealed, ...row }) => {
      if (table === "arrival")
        return { ...row, opened: cell.keyRing.open("arrival", sealed, arrivalAbout(row.record_id, row.site_id)) };
      if (table === "subject")
        return { ...row, opened: cell.keyRing.open("subject", sealed, `${row.kind}\n${row.subject_id}`) };
      return row;
    });
  };

  // `session` and `device_heartbeat` are no projections of a log: the next sign-in and the device's next heartbeat make them
  // again (server/zones/cell/heartbeat.test.ts), and until then nobody knows less than the logs do.
  test("every projection comes out of the logs as it was, table by table", async () => {
    const patient = (familyName: string) => ({
      kind: "patient",
      body: { identity: "stated", familyName, nhsNumber: { is: "9991234560" }, birthDate: { is: "1950-02-03" } },
    });
    const [going, diverted, struck, holed] = [testChain(), testChain(), testChain(), testChain()];
    await push(server, tablet, await runOf(tablet, going, incident, patient("DEMO-One")));
    await push(server, tablet, await runOf(tablet, going, destination(southgate), note("later")));
    await push(server, tablet, await runOf(tablet, diverted, incident, destination(southgate), note("then")));
    await push(server, tablet, await runOf(tablet, diverted, destination(harbour)));
    const id = "01a00000-0000-7000-8000-000000000001";
    await push(server, tablet, await runOf(tablet, struck, incident, { ...patient("DEMO-Two"), id }));
    await push(
      server,
      tablet,
      await runOf(tablet, struck, { kind: "strike", body: {}, ref: { rel: "strikes", id, reason: "wrong patient" } }),
    );
    await push(server, tablet, await runOf(tablet, holed, incident));
    await runOf(tablet, holed, note("never sent"));
    await push(server, tablet, await runOf(tablet, holed, note("after the hole")));
    const screen = await enrolTestDevice(server, "care");
    await push(server, screen, await runOf(screen, testChain(going.recordId), note("bed ready")));

    const [ended, { dispose }] = [testChain(), await openDisposals(server)];
    await push(server, tablet, await runOf(tablet, ended, incident, destination(southgate)));
    await dispose(ended.recordId);

    const before = new Map(
      await Promise.all(projectionTables.map(async (table) => [table, await dump(table)] as const)),
    );
    for (const table of projectionTables) expect(before.get(table)?.length, table).toBeGreaterThan(0);

    const cell = server.cells.get("northmoor")!;
    // What is rebuilt must not come from what was there.
    await sql(
      cell.databaseUrl("owner"),
      "UPDATE arrival SET state = 'wrong'; DELETE FROM record_site; DELETE FROM subject; DELETE FROM disposed_record",
    );
    const seen: number[] = [];
    const rebuilt = await rebuild(cell.databaseUrl("owner"), cell.keyRing, (done) => seen.push(done));
    const subjects = before.get("subject")!.length;
    expect(rebuilt).toEqual({ records: 5, lines: 16, subjects, disposed: 1, failed: 0 });
    expect(seen.at(-1)).toBe(16);
    for (const table of projectionTables) expect(await dump(table), table).toEqual(before.get(table));

    const after = await push(server, tablet, await runOf(tablet, going, note("goes on")));
    expect(after.answers).toMatchObject([{ answer: "accepted", position: 17 }]);
  });
});
