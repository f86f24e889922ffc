import { beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "#server/config.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { createCareLog } from "#server/logs/care-log.ts";
import { startServer } from "#server/main.ts";
import { projectionTables, rebuild } from "#server/projection/rebuild.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { rotateTrustKey } from "#server/sealing/rotate-trust-key.ts";
import { sealedColumns } from "#server/sealing/sealed-columns.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { call } from "#test/boot.ts";
import { openTestDesk } from "#test/desk.ts";
import {
  destination,
  enrolTestDevice,
  incident,
  note,
  pull,
  push,
  runOf,
  sendChunk,
  southgate,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { because, openDisposals } from "#test/disposal.ts";
import { postgresVersions } from "#test/postgres.ts";
import { marker, type PlantedRecord, plantRecord } from "#test/route-probes.ts";
import { usePostgres, useServer } from "#test/set-up.ts";
import { StaleSubject } from "../logs/control-log.ts";
import { disposeRecord, placeOfRecord } from "./dispose-record.ts";

describe.each(postgresVersions)("disposal on PostgreSQL $version", (version) => {
  const postgres = usePostgres(version);
  const server = useServer(() => ({
    databaseUrl: postgres.url,
    settings: { HOLDFAST_REQUESTS_PER_MINUTE: "10000000" },
  }));
  let desks: Awaited<ReturnType<typeof openDisposals>>;
  let screen: TestDevice;
  let tablet: TestDevice;
  beforeAll(async () => {
    desks = await openDisposals(server);
    screen = await enrolTestDevice(server, "care");
    tablet = await enrolTestDevice(server, "crew");
  });

  /** A record of this file's tablet; more may be written into it by `go`. */
  const plant = async (...drafts: Parameters<typeof runOf>[2][]) => {
    const chain = testChain();
    const go = async (...more: typeof drafts) => push(server, tablet, await runOf(tablet, chain, ...more));
    await go(incident, note(marker), ...drafts);
    return { recordId: chain.recordId, chain, go };
  };

  describe("two people", () => {
    test("one proposes, another agrees, and the record ends; each step is in the control log", async () => {
      const { recordId } = await plant();
      const { read, propose, waiting, decide, hasKey, controlLog } = desks;
      expect((await propose(recordId)).status).toBe(200);
      expect(await read(recordId)).toMatchObject({ proposed: expect.any(String), hold: false });
      const row = (await waiting(recordId))!;
      expect(row).toMatchObject({ what: "disposal", recordId, early: true, demonstration: true, state: "waiting" });
      expect(row).toMatchObject({ by: "Jo Field", reason: "Kept without a lawful basis", own: false, hold: false });
      expect(await hasKey(recordId)).toBe(true);
      expect((await decide(row)).json()).toEqual({ state: "done" });
      expect(await hasKey(recordId)).toBe(false);
      const states = (await controlLog().history("proposal", row.proposalId)).map(({ state, by }) => [
        state.state,
        by.userId,
      ]);
      expect(states).toEqual([
        ["open", "n-field"],
        ["approved", "n-banda"],
        ["done", "n-banda"],
      ]);
      expect((await controlLog().find("record", recordId))?.state.disposal).toMatchObject({
        proposalId: row.proposalId,
      });
    });

    test("are never one person, whatever roles that person has; what was declined stays as it was", async () => {
      const { recordId } = await plant();
      const { propose, waiting, decide, hasKey } = desks;
      const both = await openTestDesk(server, "n-field", ["records", "governance", "continuity"]);
      await propose(recordId, both);
      const row = (await waiting(recordId, both))!;
      expect(row.own).toBe(true);
      expect((await decide(row, { by: both })).json().code).toBe("own-proposal");
      expect((await decide(row, { by: desks.office })).json().code).toBe("not-your-role");
      expect((await decide(row, { decision: "decline" })).json()).toEqual({ state: "declined" });
      expect(await hasKey(recordId)).toBe(true);
      expect((await decide(row)).json().code).toBe("changed-meanwhile");
      expect((await decide({ ...row, position: row.position + 1 })).json().code).toBe("changed-meanwhile");
      expect((await propose(recordId)).status).toBe(200);
      expect((await decide((await waiting(recordId))!)).json()).toEqual({ state: "done" });
    });

    test("an earlier end than the retention term's says so, and a stale or second proposal is refused", async () => {
      const { recordId } = await plant();
      const { office, propose } = desks;
      const asked = { early: false, reason: "Asked by the patient", expected: 0 };
      const path = `records/${recordId}/disposal`;
      expect((await office.post(path, asked)).json().code).toBe("reason-needed");
      const early = await office.post(path, asked, because);
      expect([early.status, early.json().code]).toEqual([409, "too-early"]);
      expect((await office.post(path, { ...asked, early: true, expected: 5 }, because)).json().code).toBe(
        "changed-meanwhile",
      );
      expect((await propose(recordId)).status).toBe(200);
      expect((await propose(recordId)).json().code).toBe("already-proposed");
    });

    test("a record past its term ends without being called early", async () => {
      const { recordId } = await plant({ kind: "patient", body: { identity: "stated", ageGroup: "adult" } });
      const age = (table: string, column: string) =>
        desks.ask(`UPDATE ${table} SET ${column} = ${column} - interval '11 years' WHERE record_id = $1`, [recordId]);
      await age("care_line", "received");
      await age("record_head", "last_received");
      const asked = { early: false, reason: "At the end of its term", expected: 0 };
      expect((await desks.office.post(`records/${recordId}/disposal`, asked, because)).status).toBe(200);
      expect((await desks.waiting(recordId))?.early).toBe(false);
    });

    test("nobody decides after fourteen days, and then it can be proposed again", async () => {
      const { recordId } = await plant();
      const { propose, approver, controlLog, decide, waiting, hasKey } = desks;
      await propose(recordId);
      const row = (await waiting(recordId))!;
      const { state } = (await controlLog().find("proposal", row.proposalId))!;
      const since = new Date(Date.now() - 14 * 24 * 3_600_000 - 1_000).toISOString();
      await controlLog().append([{ kind: "proposal", id: row.proposalId, state: { ...state, since }, by: {} }]);
      expect(await waiting(recordId)).toBeUndefined();
      const [lapsed] = (await approver.get(`proposals?show=decided&find=${recordId}`)).json().rows;
      expect(lapsed.state).toBe("lapsed");
      expect((await decide(lapsed)).json().code).toBe("lapsed");
      expect(await hasKey(recordId)).toBe(true);
      expect((await propose(recordId)).status).toBe(200);
    });

    test("wait for each other: the list is paged, oldest first", async () => {
      const first = (await desks.approver.get("proposals")).json().rows.map(({ since }: { since: string }) => since);
      expect(first.length).toBeGreaterThan(1);
      expect(first).toEqual([...first].sort());
    });
  });

  describe("a legal hold", () => {
    test("stops a proposal, and lets it through once it is lifted", async () => {
      const { recordId } = await plant();
      const { propose, mark } = desks;
      await mark(recordId, true);
      expect((await propose(recordId)).json().code).toBe("legal-hold");
      await mark(recordId, false);
      expect((await propose(recordId)).status).toBe(200);
    });

    test("that is set after the proposal stops the approval, and is shown", async () => {
      const { recordId } = await plant();
      const { propose, mark, waiting, decide, hasKey } = desks;
      await propose(recordId);
      await mark(recordId, true);
      const row = (await waiting(recordId))!;
      expect(row.hold).toBe(true);
      expect((await decide(row)).json().code).toBe("legal-hold");
      expect(await hasKey(recordId)).toBe(true);
      await mark(recordId, false);
      expect((await decide(row)).json()).toEqual({ state: "done" });
    });

    /** As an approval leaves it when the server stops right after. */
    const agree = async (recordId: string): Promise<string> => {
      const { propose, waiting, controlLog } = desks;
      await propose(recordId);
      const { proposalId } = (await waiting(recordId))!;
      const { state } = (await controlLog().find("proposal", proposalId))!;
      const agreed = { ...state, state: "approved", decidedBy: "n-banda" };
      await controlLog().append([{ kind: "proposal", id: proposalId, state: agreed, by: { userId: "n-banda" } }]);
      return proposalId;
    };
    const stateOf = async (proposalId: string) =>
      (await desks.controlLog().history("proposal", proposalId))
        .map(({ state, reason }) => [state.state, reason])
        .at(-1);

    test("that is set after the approval stops the destruction; without one it goes on", async () => {
      const { mark, hasKey, cell } = desks;
      const [held, free] = [await plant(), await plant()];
      const ids = [await agree(held.recordId), await agree(free.recordId)];
      await mark(held.recordId, true);
      await cell().carryOutDisposals();
      expect([await hasKey(held.recordId), await hasKey(free.recordId)]).toEqual([true, false]);
      expect(await Promise.all(ids.map(stateOf))).toEqual([
        ["stopped", "a legal hold"],
        ["done", undefined],
      ]);
    });

    test("that commits between the look and the destruction wins, in the same transaction", async () => {
      const { mark, hasKey, cell, controlLog } = desks;
      const { recordId } = await plant();
      const { pools, keyRing } = cell();
      await mark(recordId, false);
      const seen = (await controlLog().find("record", recordId))!;
      const { last: through } = (await placeOfRecord(pools.control, recordId))!;
      const end = (expected: number) => {
        const state = { ...seen.state, disposal: { proposalId: "p", epoch: 1, through, at: new Date().toISOString() } };
        const line = { kind: "record", id: recordId, state, by: {}, expected } as const;
        return disposeRecord(pools.control, keyRing, { recordId, ...state.disposal }, [line]);
      };
      await mark(recordId, true);
      await expect(end(seen.position)).rejects.toThrow(StaleSubject);
      expect(await hasKey(recordId)).toBe(true);
      // Control: nothing but the position stood in the way.
      await end((await controlLog().find("record", recordId))!.position);
      expect(await hasKey(recordId)).toBe(false);
    });

    test("an entry that arrives after the proposal stops it too: nobody decided about that one", async () => {
      const { hasKey, cell } = desks;
      const { recordId, go } = await plant();
      const proposalId = await agree(recordId);
      await go(note("Testcase: the crew is still writing"));
      await cell().carryOutDisposals();
      expect(await stateOf(proposalId)).toEqual(["stopped", "entries arrived meanwhile"]);
      expect(await hasKey(recordId)).toBe(true);
      expect((await pull(server, tablet, recordId)).lines).toHaveLength(3);
    });

    test("a server that stops between approval and destruction finishes it when it starts", async () => {
      const { recordId } = await plant();
      const proposalId = await agree(recordId);
      expect(await desks.hasKey(recordId)).toBe(true);
      await server.restart();
      expect(await desks.hasKey(recordId)).toBe(false);
      expect(await stateOf(proposalId)).toEqual(["done", undefined]);
      expect((await pull(server, tablet, recordId)).disposed).toBe(true);
    });
  });

  describe("afterwards", () => {
    let planted: PlantedRecord;
    let lines: { position: string; hash: Buffer; sealed: Buffer; entry_id: string }[];
    const careLines = () =>
      desks.ask<(typeof lines)[number]>(
        "SELECT position, hash, sealed, entry_id FROM care_line WHERE record_id = $1 ORDER BY position",
        [planted.recordId],
      );
    const get = (device: TestDevice, path: string) =>
      call(server, { zone: device.zone, path, token: device.token, headers: {} });
    const readAtRest = async (): Promise<string[]> => {
      const { cell, ask } = desks;
      const { keyRing } = cell();
      const { recordId } = planted;
      const found: string[] = [];
      const opens = (what: string, open: () => Buffer | string) => {
        try {
          if (open().toString().includes(marker)) found.push(what);
        } catch {
          // Noise.
        }
      };
      const keys = await ask<{ record_id: string; wrapped: Buffer }>("SELECT * FROM record_key");
      for (const { wrapped, record_id } of keys)
        for (const { sealed, hash } of await careLines())
          opens("care_line", () => keyRing.recordKey(record_id, wrapped).open(sealed, hash));
      for (const { table, key, beside, column, use, about } of sealedColumns) {
        if (!("record_id" in key)) continue;
        const names = [...Object.keys(key), ...beside];
        const text = names.map((name) => (name === "sha256" ? `encode(${name}, 'hex') AS ${name}` : `${name}::text`));
        const rows = await ask<Record<string, string> & { held: never }>(
          `SELECT ${text.join(", ")}, ${column} AS held FROM ${table} WHERE record_id = $1`,
          [recordId],
        );
        for (const row of rows) opens(table, () => keyRing.openBytes(use, row.held as Buffer, about(row)));
      }
      return [...new Set(found)].sort();
    };

    beforeAll(async () => {
      planted = await plantRecord(server);
      lines = await careLines();
      const key = await desks.ask("SELECT * FROM record_key WHERE record_id = $1", [planted.recordId]);
      // Control: while the key is there, the record is found at rest.
      expect(key).toHaveLength(1);
      expect(await readAtRest()).toEqual(["arrival", "blob_chunk", "care_line"]);
      await pull(server, screen, planted.recordId);
      await desks.dispose(planted.recordId);
    });

    test("the trust key opens nothing of it; its lines are where they were, byte for byte", async () => {
      expect(await readAtRest()).toEqual([]);
      expect(await careLines()).toEqual(lines);
      for (const table of ["record_key", "record_head", "record_site", "arrival", "search_token", "blob", "blob_chunk"])
        expect(await desks.ask(`SELECT FROM ${table} WHERE record_id = $1`, [planted.recordId]), table).toEqual([]);
    });

    test("every read of it says that it has ended, and no board has it", async () => {
      const { recordId, sha256, tablet: author } = planted;
      expect(await pull(server, author, recordId)).toEqual({ refused: "not-in-scope", disposed: true });
      expect(await pull(server, screen, recordId)).toEqual({ refused: "not-in-scope", disposed: true });
      const asked = [
        await get(author, `/blobs/v1/${recordId}/${sha256}`),
        await get(screen, `/blobs/v1/${recordId}/${sha256}`),
        await get(author, `/records/v1/${recordId}/accesses`),
        await get(screen, `/records/v1/${recordId}/page.pdf`),
        await desks.office.get(`records/${recordId}`, because),
      ];
      for (const answer of asked) expect([answer.status, answer.json().code]).toEqual([410, "disposed"]);
      const ids = [`Composition/${recordId}/$document`, `Bundle/${recordId}`, `Observation/${lines[2]!.entry_id}`];
      for (const id of ids) {
        const answer = await get(screen, `/fhir/R4/${id}`);
        expect(answer.status).toBe(410);
        expect(answer.json()).toMatchObject({ resourceType: "OperationOutcome", issue: [{ code: "deleted" }] });
      }
      const board = await get(screen, "/arrivals/v1");
      expect(board.status).toBe(200);
      expect(board.text).not.toContain(recordId);
    });

    test("a screen without a person, and another trust, learn nothing of it", async () => {
      const nobody = await call(server, {
        zone: "care",
        path: `/records/v1/${planted.recordId}/page.pdf`,
        token: screen.deviceToken,
      });
      expect(nobody.status).toBe(403);
      const other = await enrolTestDevice(server, "crew", "DEMO-TABLET-1", "westvale");
      expect(await pull(server, other, planted.recordId)).toEqual({ refused: "not-in-scope" });
    });

    test("who has seen it stays known", async () => {
      const { cell } = desks;
      const seen = await accessQueries(cell().pools.control, cell().keyRing).ofRecord(planted.recordId);
      expect(seen.lines.map(({ action }) => action)).toEqual(
        expect.arrayContaining(["pull", "disposal-proposal", "disposal-approve", "desk-read"]),
      );
    });

    test("a heartbeat names it to whoever holds it", async () => {
      const { recordId, tablet: author } = planted;
      const head = { deviceId: author.deviceId, recordId, n: 1, hash: lines[0]!.hash.toString("hex") };
      const body = { protocol: 1, counter: 1, answered: 0, page: { at: 0, of: 1 }, heads: [head] };
      const to = { zone: "crew", path: "/identity/v1/heartbeat", token: author.deviceToken, body } as const;
      expect((await call(server, to)).json()).toMatchObject({ disposed: [recordId], need: [] });
    });
  });

  test("another process, which has the record's key in memory, hears of the end through the control log", async () => {
    const { recordId } = await plant(destination(southgate));
    const settings = {
      HOLDFAST_DATA: server.dataDirectory,
      DATABASE_URL: postgres.url,
      HOLDFAST_CARE_PORT: "0",
      HOLDFAST_DEMO: "0",
      HOLDFAST_DEMO_PEOPLE: "1",
      HOLDFAST_LOG: "silent",
    };
    const other = await startServer({ ...readConfig(settings), zones: ["care"] });
    try {
      const elsewhere = other.cells.get("northmoor")!;
      expect((await pull(other, screen, recordId)).lines).toHaveLength(3);
      expect(elsewhere.disposed.has(recordId)).toBe(false);
      await desks.dispose(recordId);
      await expect.poll(() => elsewhere.disposed.has(recordId)).toBe(true);
      expect(await pull(other, screen, recordId)).toEqual({ refused: "not-in-scope", disposed: true });
    } finally {
      await other.close();
    }
  });

  describe("what comes late", () => {
    test("is taken under a key of its own, read at the desk alone, and on no board", async () => {
      const { recordId, chain, go } = await plant(destination(southgate));
      const { office, read, hasKey, dispose, ask } = desks;
      const before = chain.end.n;
      await dispose(recordId);
      expect((await office.get(`records/${recordId}`, because)).status).toBe(410);
      const late = await go(note("Testcase: from the back of a drawer"), destination(southgate));
      expect(late.answers.map(({ answer }) => answer)).toEqual(["accepted", "accepted"]);
      expect(chain.end.n).toBe(before + 2);
      expect(await hasKey(recordId)).toBe(true);
      // A hospital's screen that was away brings its own as well.
      const receipt = await push(server, screen, await runOf(screen, testChain(recordId), note("Testcase: bed 4")));
      expect(receipt.answers[0]?.answer).toBe("accepted");

      const kept = await read(recordId);
      expect(kept.lines.map(({ detail }) => detail).join()).toContain("back of a drawer");
      expect(JSON.stringify(kept)).not.toContain(marker);
      expect(kept.disposed).toEqual(expect.any(String));
      const { rows } = (await office.get("disposals")).json();
      expect(rows.find((row: { recordId: string }) => row.recordId === recordId)).toMatchObject({ entries: 3 });
      for (const device of [tablet, screen])
        expect(await pull(server, device, recordId)).toEqual({ refused: "not-in-scope", disposed: true });
      expect(await ask("SELECT FROM arrival WHERE record_id = $1", [recordId])).toEqual([]);
      expect(await ask("SELECT FROM record_site WHERE record_id = $1", [recordId])).toEqual([]);

      // What is left ends in the same way, and no sooner.
      await dispose(recordId);
      expect(await hasKey(recordId)).toBe(false);
      expect(
        (await office.get("disposals")).json().rows.map((row: { recordId: string }) => row.recordId),
      ).not.toContain(recordId);
    });

    test("once more what the base had is a duplicate, and what was in a hole is taken", async () => {
      const chain = testChain();
      const first = await runOf(tablet, chain, incident);
      const hole = await runOf(tablet, chain, note("Testcase: lost on the way"));
      const last = await runOf(tablet, chain, note("Testcase: after the hole"));
      await push(server, tablet, first, last);
      await desks.dispose(chain.recordId);
      const again = await push(server, tablet, first, hole, last);
      expect(again.answers.map(({ answer }) => answer)).toEqual(["duplicate", "accepted", "duplicate"]);
      expect((await desks.read(chain.recordId)).lines).toHaveLength(1);
    });

    test("in a process that still knows the old key is sealed under the new one", async () => {
      const { recordId, chain } = await plant();
      const { cell, dispose, read } = desks;
      const onProjectionFailure = (error: unknown) => {
        throw error;
      };
      const elsewhere = createCareLog({ pool: cell().pools.ingest, keyRing: cell().keyRing, onProjectionFailure });
      const { lastPosition } = (await elsewhere.heads([recordId])).get(recordId)!;
      expect(lastPosition).toBeGreaterThan(0);
      const run = await runOf(tablet, chain, note("Testcase: late, elsewhere"));
      const entry = JSON.parse(run.entries[0]!);
      const line = {
        recordId,
        deviceId: tablet.deviceId,
        hash: run.head.hash,
        text: run.entries[0]!,
        signature: run.head.signature,
        entry,
        quarantine: undefined,
      };
      await dispose(recordId);
      const old = await elsewhere.append([line], new Map([[recordId, lastPosition]]));
      expect(old).toEqual({ outcome: "stale", recordIds: [recordId] });
      const now = (await elsewhere.heads([recordId])).get(recordId)!;
      expect(now.lastPosition).toBe(0);
      expect(now.chains.get(tablet.deviceId)).toHaveLength(3);
      expect((await elsewhere.append([line], new Map([[recordId, 0]]))).outcome).toBe("committed");
      expect((await read(recordId)).lines.map(({ detail }) => detail)).toEqual(["Testcase: late, elsewhere"]);
    });
  });

  test("a rebuild leaves the ended as they are, makes no key, and ends what a backup has brought back", async () => {
    const { cell, ask, dispose, hasKey, read } = desks;
    const [gone, late] = [await plant(destination(southgate)), await plant()];
    const [wrapped] = await ask<{ wrapped: Buffer }>("SELECT wrapped FROM record_key WHERE record_id = $1", [
      gone.recordId,
    ]);
    await dispose(gone.recordId);
    await dispose(late.recordId);
    await late.go(note("Testcase: late"));
    const lateFile = Buffer.from("Testcase: a picture that came before its entry");
    expect((await sendChunk(server, tablet, gone.recordId, lateFile)).status).toBe(204);
    const dump = async () =>
      new Map(
        await Promise.all(
          projectionTables
            .filter((table) => !["arrival", "subject"].includes(table))
            .map(async (table) => [table, await ask(`SELECT * FROM ${table} ORDER BY 1, 2`)] as const),
        ),
      );
    const before = await dump();
    const keys = await ask("SELECT * FROM record_key ORDER BY 1");
    // As when the key's table is older than the control log.
    await ask("INSERT INTO record_key VALUES ($1, $2)", [gone.recordId, wrapped!.wrapped]);
    await ask("DELETE FROM disposed_record");
    const rebuilt = await rebuild(cell().databaseUrl("owner"), cell().keyRing, () => {});
    expect(rebuilt).toMatchObject({ failed: 0 });
    expect(rebuilt.disposed).toBeGreaterThan(2);
    expect(await dump()).toEqual(before);
    expect(await ask("SELECT * FROM record_key ORDER BY 1")).toEqual(keys);
    expect(await hasKey(gone.recordId)).toBe(false);
    expect(await ask("SELECT FROM blob_chunk WHERE record_id = $1", [gone.recordId])).toHaveLength(1);
    expect((await read(late.recordId)).lines).toHaveLength(1);
  });

  test("the trust key is rotated past records that have ended", async () => {
    const { recordId, go } = await plant();
    await desks.dispose(recordId);
    await go(note("Testcase: late"));
    const url = desks.cell().databaseUrl("owner");
    await server.close();
    const { dataDirectory } = server;
    const parts = { url, dataDirectory, trust: "northmoor", onProgress: () => {}, onZonesMayStart: () => {} };
    expect(await rotateTrustKey(parts)).toBeGreaterThan(0);
    expect(createKeyRing(fileTrustKey(dataDirectory, "northmoor"))).toBeDefined();
    await server.restart();
    expect((await desks.read(recordId)).lines).toHaveLength(1);
  });
});
