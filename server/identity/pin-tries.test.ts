import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { anySignIn, grantSignInOf } from "#demo/node-session.ts";
import type { RosterPerson } from "#protocol/enrolment.ts";
import { call } from "#test/boot.ts";
import { alone, enrolTestDevice, incident, push, runOf, type TestDevice, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useServer } from "#test/set-up.ts";
import { createPinTries } from "./pin-tries.ts";

const server = useServer();
const cellOf = () => server.cells.get("northmoor")!;
const tries = () => createPinTries(cellOf().pools.identity);
/** As if the wait were over. */
const waitOver = (deviceId: string) =>
  sql(cellOf().databaseUrl("owner"), "UPDATE pin_try SET not_before = now() WHERE device_id = $1", [deviceId]);

describe("proofs of a PIN that are not right", () => {
  test("are free four times, then wait longer and longer, and from the tenth on none is judged", async () => {
    const [deviceId, user] = [randomUUID(), "n-okafor"];
    const judged = { judge: true };
    for (const guess of ["1", "2", "3", "4"]) expect(await tries().begin(user, deviceId, guess)).toEqual(judged);
    for (const seconds of [30, 60, 120, 240, 480]) {
      expect(await tries().begin(user, deviceId, `then ${seconds}`)).toEqual(judged);
      const next = await tries().begin(user, deviceId, "impatient");
      if (next.judge || next.why !== "wait") throw new Error("it did not have to wait");
      expect(next.retryAfterMs).toBeGreaterThan((seconds - 15) * 1_000);
      expect(next.retryAfterMs).toBeLessThanOrEqual(seconds * 1_000);
      await waitOver(deviceId);
    }
    expect(await tries().begin(user, deviceId, "the tenth")).toEqual(judged);
    await waitOver(deviceId);
    expect(await tries().begin(user, deviceId, "one more")).toMatchObject({ judge: false, why: "locked" });
    await tries().forgive(user);
    expect(await tries().begin(user, deviceId, "one more")).toEqual({ judge: true });
  });

  test("are counted before they are judged, so that many at once are as many, in every process", async () => {
    const deviceId = randomUUID();
    const all = Array.from({ length: 40 }, (_, i) =>
      createPinTries(cellOf().pools.identity).begin("n-bright", deviceId, `${i}`),
    );
    expect((await Promise.all(all)).filter(({ judge }) => judge).length).toBeLessThanOrEqual(5);
  });

  test("are no more when a tablet shows the same one again, and a right one forgives", async () => {
    const deviceId = randomUUID();
    for (let i = 0; i < 30; i++) expect(await tries().begin("n-pryce", deviceId, "the same")).toEqual({ judge: true });
    await tries().right("n-pryce", deviceId);
    for (const each of ["a", "b", "c", "d"])
      expect(await tries().begin("n-pryce", deviceId, each)).toEqual({ judge: true });
  });

  test("of one person after another are no more from one tablet than thirty, and another tablet goes on", async () => {
    const [deviceId, other] = [randomUUID(), randomUUID()];
    for (let i = 0; i < 30; i++) expect(await tries().begin(`n-${i}`, deviceId, "1234")).toEqual({ judge: true });
    expect(await tries().begin("n-next", deviceId, "1234")).toMatchObject({ judge: false, why: "locked" });
    expect(await tries().begin("n-next", other, "1234")).toEqual({ judge: true });
  });
});

describe("the base", () => {
  let tablet: TestDevice;
  let person: RosterPerson;
  beforeAll(async () => {
    tablet = alone(await enrolTestDevice(server, "crew"));
    person = tablet.enrolment.people.find(({ userId }) => userId === "n-okafor")!;
  });
  const show = async (pin: string) => {
    const body = (await grantSignInOf(person, pin))!;
    const answer = await call(server, { zone: "crew", token: tablet.token, path: "/identity/v1/sign-in/grant", body });
    return [answer.status, answer.json().code];
  };
  const events = async (code: string): Promise<number> => {
    const { text } = await call(server, { zone: "crew", path: "/metrics" });
    const line = text.split("\n").find((each) => each.includes("security_events") && each.includes(`code="${code}"`));
    return Number(line?.split(" ").at(-1) ?? 0);
  };
  const refusals = async (): Promise<number> => {
    const [row] = await sql<{ count: string }>(
      cellOf().databaseUrl("owner"),
      "SELECT count(*) FROM access_line WHERE action = 'refused' AND device_id = $1",
      [tablet.deviceId],
    );
    return Number(row!.count);
  };

  test("tries no PIN of a person any more after ten wrong ones, the right one neither, until it is forgiven", async () => {
    const before = [await events("pin-proof-wrong"), await refusals()];
    for (let guess = 0; guess < 10; guess++) {
      expect(await show(`90${guess}0`)).toEqual([403, "other-pin"]);
      if (guess === 4) expect(await show("1111")).toEqual([403, "pin-wait"]);
      await waitOver(tablet.deviceId);
    }
    expect(await show("1111")).toEqual([403, "pin-locked"]);
    // What its crew writes goes home all the same.
    const { answers } = await push(server, tablet, await runOf(tablet, testChain(), incident));
    expect(answers[0]!.answer).toBe("accepted");
    expect(await events("pin-proof-wrong")).toBe(before[0]! + 10);
    expect(await events("pin-locked")).toBeGreaterThan(0);
    expect(await refusals()).toBe(before[1]! + 12);
    // Another's PIN on the same tablet is not held up by it.
    const others = {
      ...tablet.enrolment,
      people: tablet.enrolment.people.filter(({ userId }) => userId === "n-bright"),
    };
    const body = (await anySignIn(others))!;
    const bright = await call(server, { zone: "crew", token: tablet.token, path: "/identity/v1/sign-in/grant", body });
    expect(bright.status).toBe(200);
    await tries().forgive("n-okafor");
    expect(await show("1111")).toEqual([200, undefined]);
  });
});
