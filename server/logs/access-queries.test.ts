import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import type { Cell } from "#server/cell.ts";
import { fillAccessLines } from "#server/projection/fill-access-lines.ts";
import { destination, enrolTestDevice, harbour, incident, push, runOf, southgate, testChain } from "#test/devices.ts";
import { postgresVersions, sql } from "#test/postgres.ts";
import { usePostgres, useServer } from "#test/set-up.ts";
import { uuid7 } from "../../bench/workload.ts";
import type { Access } from "./access-line.ts";
import { type Accessor, accessQueries, ofRecord } from "./access-queries.ts";
import { boardReopensMs } from "./board-accesses.ts";

describe.each(postgresVersions)("the access log on PostgreSQL $version", (version) => {
  const postgres = usePostgres(version);
  const server = useServer(() => ({ databaseUrl: postgres.url }));
  let cell: Cell;
  beforeAll(async () => {
    cell = server.cells.get("northmoor")!;
  });
  const asOwner = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
    sql<Row>(cell.databaseUrl("owner"), text, values);
  const queries = () => accessQueries(cell.pools.control, cell.keyRing);

  const person = (userId: string) => ({ userId, name: `Testcase ${userId}`, roles: ["paramedic"], strength: "pin" });
  const access = (part: Partial<Access>): Access => ({
    deviceId: uuid7(),
    zone: "crew",
    action: "pull",
    purpose: "direct-care",
    relation: "own-crew",
    recordIds: [],
    ...part,
  });
  /** As if it had been stored at that time. */
  const storedAt = async (at: string, part: Partial<Access>): Promise<void> => {
    await cell.access.write(access(part));
    await asOwner(
      "UPDATE access_line SET received = $1 WHERE position = (SELECT position FROM log_head WHERE log = 'access')",
      [at],
    );
  };
  const seenBy = async (by: Accessor, from: string, to: string) =>
    new Map(
      (await queries().affected(by, new Date(from), new Date(to))).records.map(({ recordId, accesses }) => [
        recordId,
        accesses,
      ]),
    );

  test("who has seen a record: newest first, page by page, with who and why", async () => {
    const [recordId, other] = [uuid7(), uuid7()];
    const users = ["one", "two", "three", "four", "five"];
    for (const userId of users)
      await cell.access.write(
        access({ person: person(userId), recordIds: [other, recordId], reason: `asked by ${userId}` }),
      );
    await cell.access.write(access({ recordIds: [other] }));

    const found: string[] = [];
    let before: string | undefined;
    for (let pages = 0; pages < 9; pages++) {
      const page = await queries().ofRecord(recordId, { before, linesMax: 2 });
      expect(page.lines.length).toBeLessThanOrEqual(2);
      found.push(...page.lines.map((line) => `${line.person?.userId}: ${line.reason}`));
      if (page.next === null) break;
      before = page.next;
    }
    expect(found).toEqual(users.toReversed().map((userId) => `${userId}: asked by ${userId}`));
    expect((await queries().ofRecord(uuid7())).lines).toEqual([]);
  });

  test("what an account touched between two times, on whichever devices, and which patients", async () => {
    const [a, b, c, deviceId] = [uuid7(), uuid7(), uuid7(), uuid7()];
    const user = person("asked-about");
    await storedAt("2026-03-01T09:59:59.999Z", { person: user, recordIds: [c] });
    await storedAt("2026-03-01T10:00:00.000Z", { person: user, deviceId, recordIds: [a, b] });
    await storedAt("2026-03-01T10:30:00.000Z", { person: user, recordIds: [a] });
    await storedAt("2026-03-01T10:40:00.000Z", { person: person("another"), deviceId, recordIds: [c] });
    await storedAt("2026-03-01T11:00:00.000Z", { person: user, recordIds: [c] });

    const [from, to] = ["2026-03-01T10:00:00.000Z", "2026-03-01T11:00:00.000Z"];
    expect(await seenBy({ userId: "asked-about" }, from, to)).toEqual(
      new Map([
        [a, 2],
        [b, 1],
      ]),
    );
    expect(await seenBy({ deviceId }, from, to)).toEqual(
      new Map([
        [a, 1],
        [b, 1],
        [c, 1],
      ]),
    );
    const { records } = await queries().affected({ userId: "asked-about" }, new Date(from), new Date(to));
    expect(records[0]).toEqual({ recordId: a, accesses: 2, first: from, last: "2026-03-01T10:30:00.000Z" });

    const page = await queries().touched({ userId: "asked-about" }, new Date(from), new Date(to), { linesMax: 1 });
    expect(page.lines.map(({ received }) => received)).toEqual(["2026-03-01T10:30:00.000Z"]);
    const rest = await queries().touched({ userId: "asked-about" }, new Date(from), new Date(to), {
      before: page.next!,
    });
    expect([rest.lines.map(({ received }) => received), rest.next]).toEqual([[from], null]);
  });

  test("a board that was open at the beginning counts, and one that had been closed does not", async () => {
    const [shown, gone] = [uuid7(), uuid7()];
    const from = Date.parse("2026-04-01T10:00:00.000Z");
    const user = person("board-watcher");
    const at = (ms: number) => new Date(from + ms).toISOString();
    await storedAt(at(-boardReopensMs - 1), { person: user, action: "arrivals", recordIds: [gone] });
    await storedAt(at(-boardReopensMs), { person: user, action: "arrivals", recordIds: [shown] });
    await storedAt(at(-1000), { person: user, action: "fhir-read", recordIds: [gone] });
    expect(await seenBy({ userId: user.userId }, at(0), at(60_000))).toEqual(new Map([[shown, 1]]));
  });

  test("an offline access counts by the device's clock and by its arrival, once however often it was sent", async () => {
    const [recordId, deviceId] = [uuid7(), uuid7()];
    const user = person("offline-reader");
    const opened = access({
      deviceId,
      person: user,
      action: "open",
      recordIds: [recordId],
      offline: { id: uuid7(), at: "2026-02-01T10:00:00.000Z" },
    });
    const head = async () =>
      Number((await asOwner<{ p: string }>("SELECT position AS p FROM log_head WHERE log = 'access'"))[0]!.p);
    const before = await head();
    await Promise.all([cell.access.write(opened), cell.access.write(opened)]);
    await cell.access.write(opened);
    expect(await head()).toBe(before + 1);
    // The id is the device's own: another device's line of the same id is another line.
    await cell.access.write({ ...opened, deviceId: uuid7(), person: person("somebody-else") });
    expect(await head()).toBe(before + 2);

    const once = new Map([[recordId, 1]]);
    const day = 86_400_000;
    expect(await seenBy({ userId: user.userId }, "2026-02-01T00:00:00.000Z", "2026-02-02T00:00:00.000Z")).toEqual(once);
    const now = Date.now();
    expect(await seenBy({ deviceId }, new Date(now - day).toISOString(), new Date(now + day).toISOString())).toEqual(
      once,
    );
    expect(await seenBy({ deviceId }, "2026-01-01T00:00:00.000Z", new Date(now + day).toISOString())).toEqual(once);
    expect(await seenBy({ deviceId }, "2026-02-02T00:00:00.000Z", "2026-02-03T00:00:00.000Z")).toEqual(new Map());
  });

  test("a line that was noted beside the log counts by that time and by its arrival, once", async () => {
    const [recordId, user] = [uuid7(), person("noted-reader")];
    const deviceId = uuid7();
    await cell.access.write(
      access({ deviceId, person: user, recordIds: [recordId], notedAt: "2026-02-01T02:00:00.000Z" }),
    );
    const once = new Map([[recordId, 1]]);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    for (const by of [{ userId: user.userId }, { deviceId }]) {
      expect(await seenBy(by, "2026-02-01T01:00:00.000Z", "2026-02-01T03:00:00.000Z")).toEqual(once);
      expect(await seenBy(by, "2026-02-01T00:00:00.000Z", tomorrow)).toEqual(once);
      expect(await seenBy(by, "2026-02-01T03:00:00.000Z", "2026-02-01T04:00:00.000Z")).toEqual(new Map());
    }
    const { records } = await queries().affected(
      { deviceId },
      new Date("2026-02-01T00:00:00.000Z"),
      new Date(tomorrow),
    );
    expect(records[0]).toMatchObject({ first: "2026-02-01T02:00:00.000Z", last: "2026-02-01T02:00:00.000Z" });
  });

  test("lines of two lives of the server are read together, though their positions are the same", async () => {
    const recordId = uuid7();
    const user = person("two-lives");
    await storedAt("2026-05-01T10:00:00.000Z", { person: user, recordIds: [recordId] });
    await asOwner(
      `INSERT INTO access_line SELECT position, epoch + 1, received + interval '1 day', device_id, hash, sealed, user_id,
         session_id, action, record_ids FROM access_line WHERE user_id = 'two-lives'`,
    );
    const { lines } = await queries().ofRecord(recordId);
    expect(lines.map(({ epoch }) => epoch)).toEqual([2, 1]);
    expect(lines[0]?.position).toBe(lines[1]?.position);
    const [from, to] = [new Date("2026-05-01"), new Date("2026-05-03")];
    expect((await queries().touched({ userId: "two-lives" }, from, to)).lines).toHaveLength(2);
    expect((await queries().affected({ userId: "two-lives" }, from, to)).records).toMatchObject([
      { recordId, accesses: 2 },
    ]);
  });

  test("what is clear is ids and times; a name, a reason and a relation are sealed", async () => {
    const recordId = uuid7();
    const told = access({
      person: person("plain-id"),
      recordIds: [recordId],
      reason: "PLANTED-REASON",
      relation: "PLANTED-RELATION",
    });
    await cell.access.write(told);
    const [row] = await asOwner<{ text: string }>(
      "SELECT a::text AS text FROM access_line a WHERE user_id = 'plain-id'",
    );
    expect(row?.text).toContain(recordId);
    for (const secret of ["PLANTED", "Testcase", "direct-care"]) {
      expect(row?.text).not.toContain(secret);
      expect(Buffer.from(row!.text.match(/\\x([0-9a-f]{100,})/)![1]!, "hex").toString("latin1")).not.toContain(secret);
    }
    const { lines } = await queries().ofRecord(recordId);
    expect(lines).toMatchObject([told]);
  });

  test("lines that an older version wrote are read as soon as the cell is opened", async () => {
    const recordId = uuid7();
    await cell.access.write(access({ person: person("from-before"), recordIds: [recordId] }));
    await asOwner(`UPDATE access_line SET user_id = NULL, session_id = NULL, action = NULL, record_ids = NULL
      WHERE user_id = 'from-before'`);
    expect((await queries().ofRecord(recordId)).lines).toEqual([]);
    const client = new pg.Client({ connectionString: cell.databaseUrl("owner") });
    await client.connect();
    expect(await fillAccessLines(client, cell.keyRing)).toBe(1);
    await client.end();
    expect((await queries().ofRecord(recordId)).lines).toMatchObject([{ person: { userId: "from-before" } }]);
  });

  test("a screen is told who has seen a record of its own site, and of no other", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const [ours, theirs] = [testChain(), testChain()];
    await push(server, tablet, await runOf(tablet, ours, incident, destination(southgate)));
    await push(server, tablet, await runOf(tablet, theirs, incident, destination(harbour)));
    for (const { recordId } of [ours, theirs]) await cell.access.write(access({ recordIds: [recordId] }));
    const asked = (recordId: string) => ofRecord(cell.pools.care, cell.keyRing, "southgate-ed", recordId, {});
    expect((await asked(ours.recordId)).lines).toHaveLength(1);
    expect((await asked(theirs.recordId)).lines).toEqual([]);
    await expect(ofRecord(cell.pools.care, cell.keyRing, undefined, theirs.recordId, {})).rejects.toThrow(
      /permission denied/,
    );
  });
});
