import { describe, expect, test } from "vitest";
import type { AccessesResponse, RecordAccessesResponse } from "#protocol/accesses.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { call } from "#test/boot.ts";
import { openTestDesk } from "#test/desk.ts";
import {
  alone,
  destination,
  enrolTestDevice,
  harbour,
  incident,
  pull,
  push,
  runOf,
  southgate,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useDevice, useServer } from "#test/set-up.ts";
import { sizes } from "#test/sizes.ts";
import { uuid7 } from "../../../bench/workload.ts";

describe("what was opened on a device without the server", () => {
  const server = useServer();
  const tablet = useDevice(server, "crew");
  const tell = (accesses: unknown[], token = tablet.token) =>
    call(server, { zone: "crew", path: "/sync/v1/accesses", token, body: { protocol: 1, accesses } });
  const queries = () => {
    const { pools, keyRing } = server.cells.get("northmoor")!;
    return accessQueries(pools.control, keyRing);
  };
  const opened = (recordId: string) => ({
    id: uuid7(),
    recordId,
    at: "2026-11-20T10:00:00.000Z",
    person: { userId: "n-okafor", name: "Amara Okafor", role: "Paramedic", signIn: "pin" },
  });
  const queue = async (find: string): Promise<{ of: string; recordId?: string; reason: string }[]> => {
    const desk = await openTestDesk(server, "n-governor", ["governance"]);
    return (await desk.get(`reviews?find=${find}`)).json().rows;
  };
  /** Another crew's record, opened on the tablet for a reason by whoever is signed in there. */
  const broken = async (): Promise<string> => {
    const author = await enrolTestDevice(server, "crew", "DEMO-TABLET-2");
    const chain = testChain();
    await push(server, author, await runOf(author, chain, incident));
    const { recordId } = chain;
    const body = { protocol: 1, records: { [recordId]: { epoch: 0, position: 0 } } };
    const headers = { "holdfast-reason": "In%20front%20of%20me" };
    const opened = await call(server, { zone: "crew", path: "/sync/v1/pull", token: tablet.token, body, headers });
    expect(opened.json().records[recordId].lines).toHaveLength(1);
    return recordId;
  };
  const whoIsHere = () => ({ userId: `test-${tablet.deviceId}`, name: "T", role: "Paramedic", signIn: "pin" });

  test("is a line of its person and of the device's own time, once however often it is told", async () => {
    const access = opened(uuid7());
    for (let times = 0; times < 2; times++) {
      const answer = await tell([access]);
      expect(answer.json<AccessesResponse>().stored).toEqual([access.id]);
    }
    const { lines } = await queries().ofRecord(access.recordId);
    expect(lines).toMatchObject([
      {
        deviceId: tablet.deviceId,
        zone: "crew",
        action: "open",
        person: { userId: "n-okafor", strength: "pin" },
        offline: { at: access.at },
      },
    ]);
    expect(Date.parse(lines[0]!.received)).toBeGreaterThan(Date.parse(access.at));
  });

  test("with a reason says so in its line, and puts nothing before the desk that the base did not see", async () => {
    const access = { ...opened(uuid7()), reason: "Looked again on the way" };
    await tell([access]);
    const { lines } = await queries().ofRecord(access.recordId);
    const { reason } = access;
    expect(lines).toMatchObject([{ action: "opened-again", purpose: "break-glass", reason }]);
    expect(await queue(access.recordId)).toEqual([]);
  });

  test("is reviewed with the opening that it goes back to, and in the next shift by itself", async () => {
    const recordId = await broken();
    const reason = "In front of me";
    const again = () => tell([{ ...opened(recordId), person: whoIsHere(), reason: "Other words" }]);
    await again();
    expect(await queue(recordId)).toMatchObject([{ of: "record", reason }]);
    const { databaseUrl, newIncarnation } = server.cells.get("northmoor")!;
    await sql(databaseUrl("owner"), "UPDATE access_line SET received = received - interval '13 hours'");
    await again();
    await newIncarnation();
    expect(await queue(recordId)).toMatchObject([{ reason }, { reason }]);
  });

  test(`pushes nothing that waits out of the desk's queue, and neither do ${sizes.openings} openings`, async () => {
    const recordId = await broken();
    await tell(Array.from({ length: 200 }, () => ({ ...opened(recordId), person: whoIsHere(), reason: uuid7() })));
    const { databaseUrl } = server.cells.get("northmoor")!;
    const many = (action: string, which: string) =>
      sql(
        databaseUrl("owner"),
        `WITH one AS (SELECT l.* FROM access_line l WHERE record_ids @> ARRAY[$1::uuid] AND action = $2 ORDER BY position LIMIT 1),
         put AS (INSERT INTO access_line (position, epoch, received, device_id, hash, sealed, user_id, session_id, action, record_ids)
           SELECT h.position + n, h.epoch, now(), o.device_id, o.hash, o.sealed, ${which}, o.session_id, o.action, ARRAY[gen_random_uuid()]
           FROM one o, log_head h, generate_series(1, ${sizes.openings}) n WHERE h.log = 'access')
         UPDATE log_head SET position = position + ${sizes.openings} WHERE log = 'access'`,
        [recordId, action],
      );
    await many("opened-again", "o.user_id");
    await many("break-glass", "'somebody-busy'");
    expect(await queue(recordId)).toHaveLength(1);
  }, 120_000);

  test("is nobody's whom the device cannot have had: no person of another device, no stranger, nobody in a wall board's word", async () => {
    const wall = alone(await enrolTestDevice(server, "care"));
    const elsewhere = `test-${(await enrolTestDevice(server, "crew", "DEMO-TABLET-3")).deviceId}`;
    const as = (person: object) => ({
      ...opened(uuid7()),
      person: { ...opened("").person, ...person },
      reason: "A reason",
    });
    const toldBy = async ({ zone, token }: TestDevice, access: ReturnType<typeof as>) => {
      const body = { protocol: 1, accesses: [access] };
      const answer = await call(server, { zone, path: "/sync/v1/accesses", token, body });
      expect(answer.json<AccessesResponse>().stored).toEqual([access.id]);
      const [line] = (await queries().ofRecord(access.recordId)).lines;
      return [line!.person?.userId, line!.person?.name ?? line!.detail];
    };
    expect(await toldBy(wall, as({}))).toEqual([undefined, "unproven n-okafor"]);
    expect(await toldBy(tablet, as({ userId: elsewhere }))).toEqual([undefined, `unproven ${elsewhere}`]);
    expect(await toldBy(tablet, as({ userId: "DEMO patient, 12 High Street" }))).toEqual([undefined, "unproven"]);
    // Of whom the trust knows, the name is the trust's.
    expect(await toldBy(tablet, as({ name: "Somebody Else" }))).toEqual(["n-okafor", "Amara Okafor"]);
    const vouched = { userId: "staff:77", name: "S. Testcase (77)", signIn: "vouched" };
    expect(await toldBy(tablet, as({ ...vouched, vouchedBy: "n-okafor" }))).toEqual(["staff:77", "S. Testcase (77)"]);
    expect(await toldBy(tablet, as({ ...vouched, vouchedBy: "nobody" }))).toEqual([undefined, "unproven staff:77"]);
    expect(await toldBy(tablet, as({ userId: elsewhere, signIn: "vouched" }))).toEqual([
      undefined,
      `unproven ${elsewhere}`,
    ]);
    expect(await toldBy(wall, as({ ...vouched, vouchedBy: "n-okafor" }))).toEqual([undefined, "unproven staff:77"]);
    const screen = await enrolTestDevice(server, "care");
    const nurse = { userId: `test-${screen.deviceId}`, signIn: "passkey" };
    expect((await toldBy(screen, as(nurse)))[0]).toBe(nurse.userId);
  });

  test("with a clock that tells no time is stored all the same", async () => {
    const access = { ...opened(uuid7()), at: "2026-13-45T10:00:00.000Z" };
    expect((await tell([access])).status).toBe(200);
    expect((await queries().ofRecord(access.recordId)).lines).toHaveLength(1);
  });

  test("is refused, with what to do, when it is not signed in or cannot be read", async () => {
    expect((await tell([opened(uuid7())], "nobody")).status).toBe(401);
    for (const bad of [
      [],
      [{ ...opened(uuid7()), recordId: "x" }],
      Array.from({ length: 201 }, () => opened(uuid7())),
    ]) {
      const answer = await tell(bad);
      expect([answer.status, answer.json().code]).toEqual([400, "bad-message"]);
    }
  });

  test("who has seen a record is told to its crew and to the site it comes to, whose asking is a line too", async () => {
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident, destination(southgate)));
    const screen = await enrolTestDevice(server, "care");
    await pull(server, screen, chain.recordId);
    const seen = async ({ zone, token }: TestDevice) => {
      const path = `/records/v1/${chain.recordId}/accesses`;
      const answer = await call(server, { zone, path, token });
      expect(answer.status, answer.text).toBe(200);
      const { accesses, next } = answer.json<RecordAccessesResponse>();
      expect(next).toBeNull();
      return accesses.map(({ action, person, relation }) => `${person?.name} ${action} ${relation}`);
    };
    const before = ["Testcase Doctor see-access coming-to-my-site", "Testcase Doctor pull coming-to-my-site"];
    expect(await seen(screen)).toEqual(before);
    expect(await seen(tablet)).toEqual(["Testcase Crew see-access own-crew", ...before]);
  });

  test("who has seen a record is told to nobody whose site it does not come to", async () => {
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident, destination(harbour)));
    const screen = await enrolTestDevice(server, "care");
    const asked = await call(server, {
      zone: "care",
      path: `/records/v1/${chain.recordId}/accesses`,
      token: screen.token,
    });
    expect([403, 404]).toContain(asked.status);
    expect(asked.json<Partial<RecordAccessesResponse>>().accesses).toBeUndefined();
  });
});
