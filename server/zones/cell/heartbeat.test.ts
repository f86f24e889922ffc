import { describe, expect, test } from "vitest";
import type { Certificate } from "#protocol/certificate.ts";
import type { SignedStatement } from "#protocol/grants.ts";
import type { SignedHead } from "#protocol/heartbeat.ts";
import type { ChainRun } from "#protocol/push.ts";
import { thumbprintOf } from "#server/identity/dpop.ts";
import { bindToken, call } from "#test/boot.ts";
import { controlLogOf, enrolTestDevice, note, push, runOf, type TestDevice, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useServer } from "#test/set-up.ts";
import { newDevice } from "../../../bench/workload.ts";

const server = useServer();

const cellOf = (trust = "northmoor") => server.cells.get(trust)!;
const stateOf = (device: TestDevice) => cellOf().devices.known(device.deviceId)?.state;
const headOf = ({ deviceId, recordId, head }: ChainRun): SignedHead => ({ deviceId, recordId, ...head });

interface Beat {
  counter: number;
  answered?: number;
  heads?: SignedHead[];
  page?: { at: number; of: number };
  certificate?: SignedStatement;
  roster?: string;
}
const beat = ({ zone, deviceToken: token }: TestDevice, { counter, answered = counter - 1, ...more }: Beat) =>
  call(server, {
    zone,
    token,
    path: "/identity/v1/heartbeat",
    body: { protocol: 1, counter, answered, page: { at: 0, of: 1 }, heads: [], ...more },
  });

interface Kept {
  counter: string;
  chains: number;
  lacks: number;
}
const keptOf = async ({ deviceId }: TestDevice): Promise<Kept | undefined> => {
  const text = "SELECT counter, chains, lacks FROM device_heartbeat WHERE device_id = $1";
  return (await sql<Kept>(cellOf().databaseUrl("owner"), text, [deviceId]))[0];
};
const events = async (code: string): Promise<number> => {
  const { text } = await call(server, { zone: "crew", path: "/metrics" });
  const line = text.split("\n").find((each) => each.includes("security_events") && each.includes(`code="${code}"`));
  return Number(line?.split(" ").at(-1) ?? 0);
};

describe("a heartbeat", () => {
  test("tells the desk what a tablet holds and the base lacks, page by page, and the tablet what to send", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const { deviceId } = tablet;
    const [half, whole] = [testChain(), testChain()];
    await push(server, tablet, await runOf(tablet, half, note("1"), note("2")));
    const unsent = await runOf(tablet, half, note("3"), note("4"), note("5"));
    const sent = await runOf(tablet, whole, note("1"));
    await push(server, tablet, sent);
    const first = await beat(tablet, { counter: 1, heads: [headOf(unsent)], page: { at: 0, of: 2 } });
    const need = [{ deviceId, recordId: half.recordId, from: 3, to: 5 }];
    expect(first.json()).toMatchObject({ state: "active", need, atDesk: 0 });
    const unknown = await runOf(tablet, testChain(), note("1"));
    await beat(tablet, { counter: 2, heads: [headOf(sent), headOf(unknown)], page: { at: 1, of: 2 } });
    expect(await keptOf(tablet)).toEqual({ counter: "2", chains: 3, lacks: 4 });
    await push(server, tablet, unsent, unknown);
    expect((await beat(tablet, { counter: 3, heads: [headOf(unsent), headOf(unknown)] })).json().need).toEqual([]);
    expect(await keptOf(tablet)).toEqual({ counter: "3", chains: 2, lacks: 0 });
  });

  test("names the holes of a chain", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    const lost = await runOf(tablet, chain, note("1"), note("2"));
    const later = await runOf(tablet, chain, note("3"));
    await push(server, tablet, later);
    const { deviceId } = tablet;
    const need = [{ deviceId, recordId: chain.recordId, from: 1, to: 2 }];
    expect((await beat(tablet, { counter: 1, heads: [headOf(later)] })).json().need).toEqual(need);
    await push(server, tablet, lost);
    expect((await beat(tablet, { counter: 2, heads: [headOf(later)] })).json().need).toEqual([]);
  });

  test("has what its authors signed kept for the proof of the logs: what contradicts them first, and no place for the unsigned", async () => {
    const author = await enrolTestDevice(server, "crew");
    const chain = testChain();
    const copied = { ...chain, end: { ...chain.end } };
    await push(server, author, await runOf(author, chain, note("as it was stored")));
    const other = headOf(await runOf(author, copied, note("as it was signed once more")));
    const unsent = await Promise.all(Array.from({ length: 101 }, () => runOf(author, testChain(), note("1"))));
    const unsigned = unsent.map((run) => ({ ...headOf(run), recordId: testChain().recordId, signature: undefined }));
    const carrier = await enrolTestDevice(server, "crew");
    await beat(carrier, { counter: 1, heads: [...unsigned, ...unsent.map(headOf), other] });
    const text = "SELECT record_id FROM claimed_head WHERE device_id = $1";
    const claimed = await sql<{ record_id: string }>(cellOf().databaseUrl("owner"), text, [author.deviceId]);
    const told = [chain.recordId, ...unsent.slice(0, 99).map(({ recordId }) => recordId)];
    expect(claimed.map(({ record_id }) => record_id).sort()).toEqual(told.sort());
  });

  test("makes again what the base has forgotten of it", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const unsent = await runOf(tablet, testChain(), note("1"));
    await beat(tablet, { counter: 7, heads: [headOf(unsent)] });
    const before = await keptOf(tablet);
    await sql(cellOf().databaseUrl("owner"), "TRUNCATE device_heartbeat");
    expect(await keptOf(tablet)).toBeUndefined();
    await beat(tablet, { counter: 8, heads: [headOf(unsent)] });
    expect(await keptOf(tablet)).toEqual({ ...before, counter: "8" });
  });
});

describe("a copied browser profile", () => {
  test("is found when its counter comes after the other's, and neither copy reads any more", async () => {
    const [before, original] = [await events("clone-counter"), await enrolTestDevice(server, "crew")];
    // The copy has the same key, token and counter.
    const copy = { ...original };
    expect((await beat(original, { counter: 5 })).json().state).toBe("active");
    expect((await beat(copy, { counter: 5 })).json().state).toBe("suspended");
    for (const { token } of [original, copy]) {
      const body = { protocol: 1, records: {} };
      const pulled = await call(server, { zone: "crew", path: "/sync/v1/pull", token, body });
      expect(pulled.json().code).toBe("device-suspended");
    }
    expect(await events("clone-counter")).toBe(before + 1);
    const history = await cellOf().identityLog.history("device", original.deviceId);
    expect(history.at(-1)?.reason).toContain("counter 5 came after 5");
    // Whoever writes goes on writing: it waits for the desk, which is told how much.
    const chain = testChain();
    await push(server, original, await runOf(original, chain, note("1"), note("2")));
    const unsent = await runOf(original, chain, note("3"));
    const answer = await beat(original, { counter: 6, heads: [headOf(unsent)] });
    expect(answer.json()).toMatchObject({ state: "suspended", atDesk: 2 });
    // What waits for the desk is not lacking.
    expect((await keptOf(original))?.lacks).toBe(1);
  });

  test("control: one browser whose counter grows stays, and so does one whose heartbeat was late on the way", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    for (const counter of [1, 2, 3, 9]) await beat(tablet, { counter });
    // The tenth had no answer in time, the eleventh said so and overtook it.
    await beat(tablet, { counter: 11, answered: 9 });
    await beat(tablet, { counter: 10, answered: 9 });
    expect(stateOf(tablet)).toBe("active");
    // A copy made meanwhile passes as late once, and not twice.
    await beat(tablet, { counter: 11, answered: 10 });
    expect(stateOf(tablet)).toBe("suspended");
  });

  test("is found at its first diverging head, whoever brings it", async () => {
    const [author, colleague] = [await enrolTestDevice(server, "crew"), await enrolTestDevice(server, "crew")];
    const chain = testChain();
    const shared = await runOf(author, chain, note("before the copy"));
    const copied = { ...chain, end: { ...chain.end } };
    await push(server, author, shared, await runOf(author, chain, note("as the original goes on")));
    const elsewhere = headOf(await runOf(author, copied, note("as the copy goes on")));
    // A head that its author did not sign says nothing of the author.
    await beat(colleague, { counter: 1, heads: [{ ...elsewhere, signature: headOf(shared).signature! }] });
    await beat(colleague, { counter: 2, heads: [{ ...elsewhere, hash: "0".repeat(64) }] });
    expect(stateOf(author)).toBe("active");
    await beat(colleague, { counter: 3, heads: [elsewhere] });
    expect([stateOf(author), stateOf(colleague)]).toEqual(["suspended", "active"]);
    const history = await cellOf().identityLog.history("device", author.deviceId);
    expect(history.at(-1)?.reason).toContain(`entry 2 of record ${chain.recordId}`);
  });

  test("control: the same chain's own heads change nothing", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    const runs = [await runOf(tablet, chain, note("1")), await runOf(tablet, chain, note("2"))];
    await push(server, tablet, ...runs);
    await beat(tablet, { counter: 1, heads: runs.map(headOf) });
    expect(stateOf(tablet)).toBe("active");
  });

  test("the desk may set a device right again, and its counter begins anew", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    await beat(tablet, { counter: 5 });
    await beat(tablet, { counter: 4 });
    await cellOf().devices.setState(tablet.deviceId, "active", { userId: "desk" }, "the copy was our own test");
    expect((await beat(tablet, { counter: 4 })).json().state).toBe("active");
  });
});

describe("a certificate", () => {
  const days = (n: number): string => new Date(Date.now() + n * 86_400_000).toISOString();
  const certified = (tablet: TestDevice, change: Partial<Certificate> = {}, trust = "northmoor"): SignedStatement =>
    cellOf(trust).issuer.sign({
      type: "certificate",
      trust: "northmoor",
      deviceId: tablet.deviceId,
      keyThumbprint: thumbprintOf(tablet.publicKey),
      zone: "crew",
      issuedAt: days(-8),
      readsUntil: days(22),
      ...change,
    });

  test("is renewed with the token after a week, and not before", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const { certificate } = tablet.enrolment;
    expect((await beat(tablet, { counter: 1, certificate: certificate! })).json().renewed).toBeUndefined();
    const { renewed } = (await beat(tablet, { counter: 2, certificate: certified(tablet) })).json();
    expect(JSON.parse(renewed.certificate.statement).readsUntil > days(29)).toBe(true);
    const body = { protocol: 1, records: {} };
    const key = { privateKey: tablet.privateKey, publicKey: tablet.publicKey };
    const pulled = await call(server, { zone: "crew", path: "/sync/v1/pull", token: renewed.token, key, body });
    expect(pulled.status).toBe(200);
  });

  test("that has run out is not renewed: somebody looks at the tablet first", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const answer = await beat(tablet, { counter: 1, certificate: certified(tablet, { readsUntil: days(-1) }) });
    expect([answer.status, answer.json().renewed]).toEqual([200, undefined]);
  });

  test.each<[string, (tablet: TestDevice) => SignedStatement]>([
    ["bad-signature", (tablet) => certified(tablet, {}, "westvale")],
    ["bad-signature", (tablet) => ({ ...certified(tablet), statement: certified(tablet, { zone: "care" }).statement })],
    ["other-trust", (tablet) => certified(tablet, { trust: "westvale" })],
    ["other-key", (tablet) => certified(tablet, { keyThumbprint: thumbprintOf(newDevice().publicKey) })],
    ["other-device", (tablet) => certified(tablet, { deviceId: newDevice().deviceId })],
    ["unreadable", () => cellOf().issuer.sign({ type: "grant" })],
  ])("that is %s is refused, and noted", async (fault, make) => {
    const tablet = await enrolTestDevice(server, "crew");
    const before = await events(`certificate-${fault}`);
    const answer = await beat(tablet, { counter: 1, certificate: make(tablet) });
    expect([answer.status, answer.json().code]).toEqual([403, `certificate-${fault}`]);
    expect(await events(`certificate-${fault}`)).toBe(before + 1);
    expect(await keptOf(tablet)).toBeUndefined();
  });
});

test("a tablet's roster comes with a grant for each person, and again only when it has changed", async () => {
  const tablet = await enrolTestDevice(server, "crew");
  const { roster } = (await beat(tablet, { counter: 1 })).json();
  expect(roster.people.length).toBeGreaterThan(3);
  expect(roster.inboxKey).toEqual(cellOf().inbox.publicKey);
  for (const { userId, grant } of roster.people)
    expect(JSON.parse(grant.statement)).toMatchObject({ type: "grant", userId, deviceId: tablet.deviceId });
  expect((await beat(tablet, { counter: 2, roster: roster.tag })).json().roster).toBeUndefined();

  const { id, position, state } = (await cellOf().identityLog.all("person")).find(
    (each) => each.state.pin !== undefined,
  )!;
  await controlLogOf(server).append([
    { kind: "person", id, state: { ...state, name: "Testcase Renamed" }, by: {}, expected: position },
  ]);
  const changed = (await beat(tablet, { counter: 3, roster: roster.tag })).json().roster;
  expect(changed.people.map(({ name }: { name: string }) => name)).toContain("Testcase Renamed");
  expect((await beat(tablet, { counter: 4, roster: changed.tag })).json().roster).toBeUndefined();
});

test("a locked tablet's token, which a copied disk holds too, is told grants and no PINs, and no token that reads", async () => {
  const tablet = await enrolTestDevice(server, "crew");
  const locked = { ...tablet, deviceToken: tablet.enrolment.pushToken! };
  bindToken({ ...tablet, token: locked.deviceToken });
  const answer = (await beat(locked, { counter: 1 })).json();
  expect(answer.roster.people.length).toBeGreaterThan(3);
  expect(answer.roster.people.filter(({ pinWrap }: { pinWrap?: unknown }) => pinWrap !== undefined)).toEqual([]);
  expect(answer.renewed).toBeUndefined();
  expect((await beat(locked, { counter: 2, roster: answer.roster.tag })).json().roster).toBeUndefined();
  const unlocked = (await beat(tablet, { counter: 3, roster: answer.roster.tag })).json();
  expect(unlocked.roster.people[0].pinWrap.key).toBeDefined();
  expect((await beat(locked, { counter: 4, roster: unlocked.roster.tag })).json().roster).toBeUndefined();
});
