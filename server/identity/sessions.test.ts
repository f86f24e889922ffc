import { beforeAll, expect, test } from "vitest";
import type { SignInStrength } from "#defence/access/words.ts";
import { controlLogOf } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useServer } from "#test/set-up.ts";
import type { Cell } from "../cell.ts";
import type { SessionStart } from "./sessions.ts";

const server = useServer();
let cell: Cell;
beforeAll(async () => {
  cell = server.cells.get("northmoor")!;
});

const start: SessionStart = {
  person: { userId: "n-testcase", name: "Testcase Nurse", roles: ["hospital-nurse"], strength: "passkey" },
  deviceId: "0190a000-0000-7000-8000-000000000001",
  zone: "care",
  siteId: "southgate-ed",
  keyThumbprint: "thumbprint-of-the-device",
};
const owner = (text: string, values: unknown[] = []) => sql(cell.databaseUrl("owner"), text, values);
const code = (failure: unknown): string => (failure as { problem: { code: string } }).problem.code;
const refused = (work: Promise<unknown>): Promise<string> => work.then(() => "not refused", code);

test("an access token says who is signed in, on which device, for ten minutes", async () => {
  const { accessToken, expiresInSeconds, sessionId } = await cell.sessions.open(start);
  const principal = cell.identity.authenticate(accessToken)!;
  const { deviceId, zone, siteId, keyThumbprint, person } = start;
  expect(principal).toMatchObject({ deviceId, zone, siteId, keyThumbprint, person, sessionId });
  expect(principal.readsUntilMs - Date.now()).toBeGreaterThan(0);
  expect(principal.readsUntilMs - Date.now()).toBeLessThanOrEqual(expiresInSeconds * 1000);
});

test("a refresh token gives the next tokens, for the key it is bound to alone", async () => {
  const first = await cell.sessions.open(start);
  const second = await cell.sessions.refresh(first.refreshToken, start.keyThumbprint);
  expect(second.refreshToken).not.toBe(first.refreshToken);
  expect(cell.identity.authenticate(second.accessToken)).toMatchObject({ person: start.person });
  expect(await refused(cell.sessions.refresh(second.refreshToken, "another-key"))).toBe("session-ended");
  expect(cell.sessions.isEnded(first.sessionId)).toBe(true);
});

test("a refresh token goes on until the answer to it has come, however often that is lost, and used after that it ends the session", async () => {
  const first = await cell.sessions.open(start);
  const refresh = (token: string) => cell.sessions.refresh(token, start.keyThumbprint);
  const lost = await refresh(first.refreshToken);
  await owner("UPDATE session SET used = used - interval '20 minutes' WHERE session_id = $1", [first.sessionId]);
  await refresh(first.refreshToken);
  const came = await refresh(first.refreshToken);
  const next = await refresh(came.refreshToken);
  expect(cell.sessions.isEnded(first.sessionId)).toBe(false);
  const before = await securityEvents();
  expect(await refused(refresh(first.refreshToken))).toBe("session-ended");
  expect(await securityEvents()).toBe(before + 1);
  for (const { refreshToken } of [lost, came, next]) expect(await refused(refresh(refreshToken))).toBe("session-ended");
});

test("a copied token shows as soon as both who hold it have gone on", async () => {
  const first = await cell.sessions.open(start);
  const refresh = (token: string) => cell.sessions.refresh(token, start.keyThumbprint);
  const [thief] = [await refresh(first.refreshToken), await refresh(first.refreshToken)];
  expect(await refused(refresh(thief.refreshToken))).toBe("session-ended");
  expect(cell.sessions.isEnded(first.sessionId)).toBe(true);
});

test("a refresh token of nobody's, or changed, ends nothing", async () => {
  const { refreshToken, sessionId } = await cell.sessions.open(start);
  for (const forged of ["", "a.b", `${sessionId}.x.y`, `${refreshToken}x`, "x".repeat(10_000)])
    expect(await refused(cell.sessions.refresh(forged, start.keyThumbprint))).toBe("sign-in");
  expect(cell.sessions.isEnded(sessionId)).toBe(false);
});

test("a session ends after a shift, and after an hour in which nobody came back", async () => {
  const long = await cell.sessions.open(start);
  await owner("UPDATE session SET ends = now() WHERE session_id = $1", [long.sessionId]);
  expect(await refused(cell.sessions.refresh(long.refreshToken, start.keyThumbprint))).toBe("session-ended");
  const idle = await cell.sessions.open(start);
  await owner("UPDATE session SET used = now() - interval '61 minutes' WHERE session_id = $1", [idle.sessionId]);
  expect(await refused(cell.sessions.refresh(idle.refreshToken, start.keyThumbprint))).toBe("session-ended");
});

test("whoever comes back too late with a token whose answer was lost has used no token twice", async () => {
  const first = await cell.sessions.open(start);
  const refresh = (token: string) => cell.sessions.refresh(token, start.keyThumbprint);
  await refresh(first.refreshToken);
  await owner("UPDATE session SET used = now() - interval '61 minutes' WHERE session_id = $1", [first.sessionId]);
  const before = await securityEvents();
  expect(await refused(refresh(first.refreshToken))).toBe("session-ended");
  expect(await securityEvents()).toBe(before);
});

test("the sessions of a person, or on a device, end together, whoever ends them", async () => {
  const other = { ...start, person: { ...start.person!, userId: "n-other" }, deviceId: crypto.randomUUID() };
  const [mine, theirs] = [await cell.sessions.open(start), await cell.sessions.open(other)];
  expect(await cell.sessions.end({ userId: "n-testcase" }, "ended-at-desk")).toBeGreaterThan(0);
  expect([mine, theirs].map(({ sessionId }) => cell.sessions.isEnded(sessionId))).toEqual([true, false]);
  // As another process does, or a person with psql: this one hears of it.
  await owner("UPDATE session SET ended = now() WHERE device_id = $1", [other.deviceId]);
  await expect.poll(() => cell.sessions.isEnded(theirs.sessionId)).toBe(true);
});

test("of more sessions than a person can use the oldest end", async () => {
  const busy = { ...start, person: { ...start.person!, userId: "n-busy" } };
  const [oldest, second] = [await cell.sessions.open(busy), await cell.sessions.open(busy)];
  for (let n = 2; n < 101; n++) await cell.sessions.open(busy);
  expect([oldest, second].map(({ sessionId }) => cell.sessions.isEnded(sessionId))).toEqual([true, false]);
});

test("a restarted server knows what ended before", async () => {
  const { sessionId } = await cell.sessions.open(start);
  await cell.sessions.end({ sessionId }, "signed-out");
  await server.restart();
  cell = server.cells.get("northmoor")!;
  expect(cell.sessions.isEnded(sessionId)).toBe(true);
});

test("showing both factors again is remembered by the tokens that follow", async () => {
  const first = await cell.sessions.open(start);
  const at = (accessToken: string) => cell.identity.authenticate(accessToken)!.authenticatedMs!;
  await expect.poll(() => Date.now()).toBeGreaterThan(at(first.accessToken));
  const stepped = await cell.sessions.stepUp(first.sessionId, start.person.strength);
  expect(at(stepped.accessToken)).toBeGreaterThan(at(first.accessToken));
  const next = await cell.sessions.refresh(stepped.refreshToken, start.keyThumbprint);
  expect(at(next.accessToken)).toBe(at(stepped.accessToken));
  await cell.sessions.end({ sessionId: first.sessionId }, "signed-out");
  expect(await refused(cell.sessions.stepUp(first.sessionId, "passkey"))).toBe("session-ended");
});

test.each<[before: SignInStrength, shown: SignInStrength, after: SignInStrength, isStepUp: boolean]>([
  ["pin", "passkey", "passkey", true],
  ["pin-weak", "pin", "pin", true],
  ["pin", "pin", "pin", true],
  ["passkey", "provider", "passkey", true],
  ["provider", "passkey", "passkey", true],
  // Whoever knows the PIN alone gets nothing that a passkey may do.
  ["passkey", "pin", "passkey", false],
  ["provider", "pin-weak", "provider", false],
  ["pin", "pin-weak", "pin", false],
])("a session by %s in which %s is shown is one by %s: a step-up %s", async (before, shown, after, isStepUp) => {
  const first = await cell.sessions.open({ ...start, person: { ...start.person, strength: before } });
  const at = (accessToken: string) => cell.identity.authenticate(accessToken)!;
  await expect.poll(() => Date.now()).toBeGreaterThan(at(first.accessToken).authenticatedMs!);
  const again = await cell.sessions.stepUp(first.sessionId, shown);
  const next = await cell.sessions.refresh(again.refreshToken, start.keyThumbprint);
  for (const { accessToken } of [again, next]) {
    const { person, authenticatedMs } = at(accessToken);
    expect([again.strength, person!.strength]).toEqual([after, after]);
    expect(authenticatedMs! > at(first.accessToken).authenticatedMs!).toBe(isStepUp);
  }
});

const personWas = async (state: Record<string, unknown>) => {
  const whole = { name: "Testcase Nurse", staffNumber: "T1", roles: ["hospital-doctor"], ...state };
  await controlLogOf(server).append([{ kind: "person", id: "n-testcase", state: whole, by: {} }]);
};

test("the next token has the roles that the desk gives now, and whoever has left gets none", async () => {
  const first = await cell.sessions.open(start);
  await personWas({});
  const second = await cell.sessions.refresh(first.refreshToken, start.keyThumbprint);
  expect(cell.identity.authenticate(second.accessToken)?.person?.roles).toEqual(["hospital-doctor"]);
  await personWas({ endsAt: new Date(0).toISOString() });
  expect(await refused(cell.sessions.refresh(second.refreshToken, start.keyThumbprint))).toBe("session-ended");
  expect(cell.sessions.isEnded(first.sessionId)).toBe(true);
});

const securityEvents = async (): Promise<number> => {
  const { call } = await import("#test/boot.ts");
  const { text } = await call(server, { zone: "care", path: "/metrics" });
  const found = /holdfast_security_events_total\{[^}]*code="refresh-token-reused"[^}]*\} (\d+)/.exec(text);
  return Number(found?.[1] ?? 0);
};
