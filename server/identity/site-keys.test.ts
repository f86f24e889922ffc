import { describe, expect, test } from "vitest";
import { fromBase64url } from "#client/bytes.ts";
import { agreeWithSender, agreeWithSite, importSiteKey } from "#client/film/film-keys.ts";
import { createBox, openBoxed } from "#client/inbox.ts";
import { siteKeyAbout } from "#protocol/film.ts";
import type { HeartbeatResponse } from "#protocol/heartbeat.ts";
import { call } from "#test/boot.ts";
import { alone, enrolTestDevice, incident, note, push, runOf, type TestDevice, testChain } from "#test/devices.ts";
import { useServer } from "#test/set-up.ts";

const server = useServer();
const box = await createBox();

const beat = async ({ zone, deviceToken: token }: TestDevice, counter: number, more: object = {}) => {
  const body = { protocol: 1, counter, answered: counter - 1, page: { at: 0, of: 1 }, heads: [], ...more };
  return call(server, { zone, token, path: "/identity/v1/heartbeat", body });
};
const askKeys = { siteKeys: { sealTo: box.publicKey } };

describe("a site's key for films", () => {
  test("opens at each screen of the site what tablets seal to it, and stays sealed on the way", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const given = tablet.enrolment.siteKeys!.find(({ siteId }) => siteId === "southgate-ed")!;
    const sending = await agreeWithSite(given.publicKey);
    const header = {
      kind: "record" as const,
      filmId: "0".repeat(24),
      deviceId: tablet.deviceId,
      place: { trust: "northmoor", siteId: "southgate-ed" },
      point: sending.point,
    };
    const sealed = await (await sending.keysOf(header)).seal("body", Uint8Array.of(1, 2, 3));
    for (const screen of [await enrolTestDevice(server, "care"), await enrolTestDevice(server, "care")]) {
      const { siteKeys } = (await beat(screen, 1, askKeys)).json<HeartbeatResponse>();
      const [first] = siteKeys!.sealed;
      const about = siteKeyAbout("northmoor", "southgate-ed", screen.deviceId);
      const opened = await openBoxed(box.privateKey, about, fromBase64url(first!));
      const receiving = await agreeWithSender(await importSiteKey(fromBase64url(opened)), sending.point);
      expect([...(await (await receiving.keysOf(header)).open("body", sealed))]).toEqual([1, 2, 3]);
      const held = { siteKeys: { sealTo: box.publicKey, held: siteKeys!.tag } };
      expect((await beat(screen, 2, held)).json<HeartbeatResponse>().siteKeys).toBeUndefined();
      const another = about.replace(screen.deviceId, tablet.deviceId);
      await expect(openBoxed(box.privateKey, another, fromBase64url(first!))).rejects.toThrow();
    }
  });

  test("is another at another site, and no tablet, no revoked screen and no bad key is given one", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const [one, other] = tablet.enrolment.siteKeys!;
    expect(one!.publicKey).not.toEqual(other!.publicKey);
    expect((await beat(tablet, 1, askKeys)).json<HeartbeatResponse>().siteKeys).toBeUndefined();
    const screen = await enrolTestDevice(server, "care");
    const nowhere = { siteKeys: { sealTo: { ...box.publicKey, x: box.publicKey.y } } };
    expect((await beat(screen, 1, nowhere)).status).toBe(400);
    expect((await beat(screen, 2, askKeys)).json<HeartbeatResponse>().siteKeys).toBeDefined();
    const { devices } = server.cells.get("northmoor")!;
    await devices.setState(screen.deviceId, "lost", { userId: "test" }, "left on a bus");
    expect((await beat(screen, 3, askKeys)).json()).toMatchObject({ state: "lost" });
    expect((await beat(screen, 4, askKeys)).json<HeartbeatResponse>().siteKeys).toBeUndefined();
  });

  test("a heartbeat brings a tablet the public halves with its roster", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const { roster } = (await beat(tablet, 1)).json<HeartbeatResponse>();
    expect(roster?.siteKeys).toEqual(tablet.enrolment.siteKeys);
  });
});

describe("what a screen carries", () => {
  const codes = async (screen: TestDevice, ...runs: Parameters<typeof push>[2][]) =>
    (await push(server, screen, ...runs)).answers.map(({ answer, code }) => code ?? answer);

  test("goes on its author's signature, whatever its kind; what the screen itself writes is the hospital's alone", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const screen = alone(await enrolTestDevice(server, "care"));
    const chain = testChain();
    const run = await runOf(tablet, chain, incident, { kind: "patient", body: { identity: "unknown" } });
    expect(await codes(screen, run)).toEqual(["accepted", "accepted"]);
    expect(await codes(screen, await runOf(screen, testChain(), { kind: "patient", body: {} }))).toEqual([
      "kind-not-allowed",
    ]);
  });

  test("without its author's signature it is refused as the screen's own would be", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const screen = alone(await enrolTestDevice(server, "care"));
    const run = await runOf(tablet, testChain(), incident);
    const forged = await runOf({ ...tablet, privateKey: screen.privateKey }, testChain(), incident);
    expect(await codes(screen, forged)).toEqual(["kind-not-allowed"]);
    const [text] = run.entries as [string];
    const changed = { ...run, entries: [text.replace('"demonstration":true', '"demonstration":false')] };
    expect(changed.entries).not.toEqual(run.entries);
    expect(await codes(screen, changed)).toEqual(["bad-signature"]);
  });

  test("and another screen or a desk wrote is refused as its own would be: two of them write no more than one", async () => {
    const screen = alone(await enrolTestDevice(server, "care"));
    const tablet = await enrolTestDevice(server, "crew");
    const theirs = testChain();
    await push(server, tablet, await runOf(tablet, theirs, incident));
    const patient = { kind: "patient", body: { identity: "unknown" } };
    for (const zone of ["care", "control"] as const) {
      const author = await enrolTestDevice(server, zone, zone === "care" ? "DEMO-SCREEN-SOUTHGATE" : "DEMO-DESK-1");
      expect(await codes(screen, await runOf(author, testChain(), patient))).toEqual(["kind-not-allowed"]);
      expect(await codes(screen, await runOf(author, testChain(theirs.recordId), note("x")))).toEqual(["not-in-scope"]);
    }
    // Control: a tablet's word is enough, through the same screen.
    expect(await codes(screen, await runOf(tablet, theirs, patient))).toEqual(["accepted"]);
  });

  test("reaches a record that the base knows and that was not on its way to this site", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const screen = alone(await enrolTestDevice(server, "care"));
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident));
    const site = { siteId: "southgate-ed", name: "Southgate ED" };
    const rest = await runOf(tablet, chain, note("more"), { kind: "destination", body: { site } });
    const own = testChain(chain.recordId);
    const acceptance = { kind: "acceptance", body: { site, acceptedBy: "Dr Demo", seen: {} } };
    expect(await codes(screen, rest)).toEqual(["accepted", "accepted"]);
    expect(await codes(screen, await runOf(screen, own, acceptance))).toEqual(["accepted"]);
  });
});
