import { describe, expect, test } from "vitest";
import type { AccessesResponse, RecordAccessesResponse } from "#protocol/accesses.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { call } from "#test/boot.ts";
import { openTestDesk } from "#test/desk.ts";
import {
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
import { useDevice, useServer } from "#test/set-up.ts";
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
    person: { userId: "offline-user", name: "Testcase Crew", role: "Paramedic", signIn: "pin" },
  });

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
        person: { userId: "offline-user", strength: "pin" },
        offline: { at: access.at },
      },
    ]);
    expect(Date.parse(lines[0]!.received)).toBeGreaterThan(Date.parse(access.at));
  });

  test("with a reason is a breaking of the glass, which comes to review", async () => {
    const access = { ...opened(uuid7()), reason: "Looked again on the way" };
    await tell([access]);
    const { lines } = await queries().ofRecord(access.recordId);
    const { reason } = access;
    expect(lines).toMatchObject([{ action: "break-glass", detail: "open", purpose: "break-glass", reason }]);
    const desk = await openTestDesk(server, "n-governor", ["governance"]);
    const { rows } = (await desk.get(`reviews?find=${access.recordId}`)).json();
    expect(rows).toMatchObject([{ of: "record", recordId: access.recordId, reason }]);
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
