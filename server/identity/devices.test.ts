import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { pokeSubprotocol } from "#protocol/poke.ts";
import { readConfig } from "#server/config.ts";
import { hashOfCode } from "#server/identity/codes.ts";
import { startServer } from "#server/main.ts";
import { call, signedSubprotocols } from "#test/boot.ts";
import { controlLogOf, enrolTestDevice, note, pull, push, runOf, type TestDevice, testChain } from "#test/devices.ts";
import { postgresVersions } from "#test/postgres.ts";
import { usePostgres, useServer } from "#test/set-up.ts";
import { newDevice } from "../../bench/workload.ts";
import { openDevices } from "./devices.ts";

const postgres = usePostgres(postgresVersions[0]!);
const server = useServer(() => ({ databaseUrl: postgres.url }));

const northmoor = () => server.cells.get("northmoor")!;
const desk = () => controlLogOf(server);
const newCode = async (state: Record<string, unknown> = {}): Promise<string> => {
  const code = randomUUID();
  const whole = { zone: "crew", deviceName: "Tablet 417", expiresAt: "2999-01-01T00:00:00.000Z", ...state };
  await desk().append([
    { kind: "enrolment-code", id: hashOfCode(code), state: whole, by: { userId: "desk" }, expected: 0 },
  ]);
  return code;
};
const enrol = (code: string, device = newDevice(), zone: "crew" | "care" = "crew") =>
  call(server, {
    zone,
    path: "/identity/v1/enrol",
    body: { protocol: 1, code, deviceId: device.deviceId, publicKey: device.publicKey, name: "" },
  });

describe("enrolment by a one-time code", () => {
  test("a code enrols one device, under the name that the desk gave, and no other", async () => {
    const code = await newCode();
    const device = newDevice();
    expect((await enrol(code, device)).status).toBe(200);
    expect((await northmoor().devices.find(device.deviceId))?.name).toBe("Tablet 417");
    expect((await enrol(code)).json()).toMatchObject({ code: "code-used" });
    // The first answer was lost on the way: the same device asks again.
    expect((await enrol(code, device)).status).toBe(200);
  });

  test("of devices that present one code at once, one is enrolled, and the code is used with its line", async () => {
    const code = await newCode();
    const devices = Array.from({ length: 6 }, () => newDevice());
    const answers = await Promise.all(devices.map((device) => enrol(code, device)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403, 403]);
    const enrolled = devices[answers.findIndex(({ status }) => status === 200)]!;
    const subjects = await Promise.all(devices.map(({ deviceId }) => desk().find("device", deviceId)));
    expect(subjects.filter((subject) => subject !== undefined).map(({ id }) => id)).toEqual([enrolled.deviceId]);
    expect((await desk().find("enrolment-code", hashOfCode(code)))?.state.usedBy).toBe(enrolled.deviceId);
  });

  test("a code that has run out, or of another zone, enrols nothing", async () => {
    expect((await enrol(await newCode({ expiresAt: "2020-01-01T00:00:00.000Z" }))).json().code).toBe("code-expired");
    expect((await enrol(await newCode({ zone: "care", siteId: "southgate-ed" }))).json().code).toBe("unknown-code");
    expect((await enrol(await newCode(), newDevice(), "care")).json().code).toBe("unknown-code");
  });

  test("two devices cannot claim one identity: the id stays with its key", async () => {
    const device = newDevice();
    expect((await enrol(await newCode(), device)).status).toBe(200);
    const thief = { ...newDevice(), deviceId: device.deviceId };
    expect((await enrol(await newCode(), thief)).json().code).toBe("device-taken");
    expect((await northmoor().devices.find(device.deviceId))?.jwk).toEqual(device.publicKey);
  });

  test("a device that was reported stolen does not come back by a code", async () => {
    const device = newDevice();
    await enrol(await newCode(), device);
    await northmoor().devices.setState(device.deviceId, "stolen", { userId: "desk" }, "taken from the ambulance");
    expect((await enrol(await newCode(), device)).json().code).toBe("device-stolen");
    await expect(
      northmoor().devices.setState(device.deviceId, "active", { userId: "desk" }, "it is back"),
    ).rejects.toMatchObject({ problem: { code: "device-state" } });
  });
});

describe("a revoked device", () => {
  const revoke = (device: TestDevice, state: "lost" | "active" = "lost") =>
    northmoor().devices.setState(device.deviceId, state, { userId: "desk" }, "left at a scene");

  test("reads no more at once, and its open connection is closed", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const to = {
      zone: "crew",
      path: "/sync/v1/pull",
      token: tablet.token,
      body: { protocol: 1, records: {} },
    } as const;
    expect((await call(server, to)).status).toBe(200);
    const path = "/sync/v1/poke";
    const { token } = tablet;
    const signedIn = await signedSubprotocols(server, { zone: "crew", path, token });
    const headers = { host: `crew.northmoor.localhost:${server.ports.crew}` };
    const socket = new WebSocket(`ws://127.0.0.1:${server.ports.crew}${path}`, [pokeSubprotocol, ...signedIn], {
      headers,
    });
    await once(socket, "open");
    const closed = once(socket, "close");
    await revoke(tablet);
    const refused = await call(server, to);
    expect([refused.status, refused.json().code]).toEqual([403, "device-lost"]);
    expect((await closed)[0]).toBe(1008);
  });

  test("its unsent entries are kept for the desk, shown to nobody, and lost by nothing", async () => {
    const [tablet, colleague] = [await enrolTestDevice(server, "crew"), await enrolTestDevice(server, "crew")];
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, note("before it was lost")));
    await revoke(tablet);
    const unsent = [await runOf(tablet, chain, note("one"), note("two")), await runOf(tablet, chain, note("three"))];
    // By itself, and carried by a colleague's tablet: the author's standing counts.
    for (const [i, run] of unsent.entries()) {
      const { answers } = await push(server, i === 0 ? tablet : colleague, run);
      expect(new Set(answers.map(({ answer, code }) => `${answer} ${code}`))).toEqual(
        new Set(["quarantined revoked-device"]),
      );
    }
    const other = testChain(chain.recordId);
    expect((await push(server, tablet, await runOf(colleague, other, note("carried")))).answers[0]!.answer).toBe(
      "accepted",
    );
    const texts = async () =>
      (await pull(server, colleague, chain.recordId, "Going on with the patient")).lines.map(
        ({ entry }: { entry: string }) => JSON.parse(entry).body.text,
      );
    expect(await texts()).toEqual(["before it was lost", "carried"]);

    const { heldBack } = northmoor();
    expect(await heldBack.waiting(tablet.deviceId)).toBe(3);
    expect(await heldBack.release(tablet.deviceId)).toEqual({ released: 3, left: [] });
    expect(await texts()).toEqual(["before it was lost", "carried", "one", "two", "three"]);
    expect(await heldBack.waiting(tablet.deviceId)).toBe(0);
    expect(await heldBack.release(tablet.deviceId)).toEqual({ released: 0, left: [] });
    expect(await texts()).toHaveLength(5);
  });

  test("runs that came out of order, and a signature that covers a later entry, are put together again", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    const [first, second] = [
      await runOf(tablet, chain, note("1"), note("2")),
      await runOf(tablet, chain, note("3"), note("4")),
    ];
    await push(server, tablet, second);
    await revoke(tablet);
    // Of this run the last two are in the log already: its signature is stored with entries that it does not sign.
    await push(server, tablet, { ...second, entries: [...first.entries, ...second.entries] });
    expect(await northmoor().heldBack.waiting(tablet.deviceId)).toBe(2);
    expect(await northmoor().heldBack.release(tablet.deviceId)).toEqual({ released: 2, left: [] });
    await revoke(tablet, "active");
    expect((await pull(server, tablet, chain.recordId)).lines).toHaveLength(4);
  });

  test("control: without the revocation the same entries are accepted and read at once", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    const { answers } = await push(server, tablet, await runOf(tablet, chain, note("one")));
    expect(answers[0]!.answer).toBe("accepted");
    expect((await pull(server, tablet, chain.recordId)).lines).toHaveLength(1);
  });

  test("is refused by every process of the trust, whichever was told", async () => {
    const settings = { HOLDFAST_DATA: server.dataDirectory, DATABASE_URL: postgres.url, HOLDFAST_LOG: "silent" };
    const careAlone = await startServer(
      readConfig({ ...settings, HOLDFAST_CARE_PORT: "0", HOLDFAST_DEMO: "0" }, ["care"]),
    );
    try {
      const screen = await enrolTestDevice(careAlone, "care");
      const to = {
        zone: "care",
        path: "/sync/v1/pull",
        token: screen.token,
        body: { protocol: 1, records: {} },
      } as const;
      expect((await call(careAlone, to)).status).toBe(200);
      await revoke(screen);
      await expect.poll(async () => (await call(careAlone, to)).json().code).toBe("device-lost");
    } finally {
      await careAlone.close();
    }
  });

  test("is found revoked without the bus too; control: who never asks the log does not know", async () => {
    const [asks, deaf] = [await openDevices(desk(), 20), await openDevices(desk(), 3_600_000)];
    try {
      const tablet = await enrolTestDevice(server, "crew");
      await Promise.all([asks.find(tablet.deviceId), deaf.find(tablet.deviceId)]);
      await revoke(tablet);
      await expect.poll(() => asks.known(tablet.deviceId)?.state).toBe("lost");
      expect(deaf.known(tablet.deviceId)?.state).toBe("active");
    } finally {
      asks.close();
      deaf.close();
    }
  });
});
