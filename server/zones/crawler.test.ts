import { beforeAll, expect, test } from "vitest";
import { thumbprintOf } from "#server/identity/dpop.ts";
import { issueToken } from "#server/identity/tokens.ts";
import type { ZoneRoute } from "#server/main.ts";
import type { CellZone } from "#server/trusts.ts";
import { bindToken, call, type TestCall } from "#test/boot.ts";
import { alone, enrolTestDevice, signInTestPerson, type TestDevice } from "#test/devices.ts";
import { marker, type PlantedRecord, plantRecord, probeOf, showsPatient } from "#test/route-probes.ts";
import { useServer } from "#test/set-up.ts";

/**
 * What may answer without a person's second factor, each with its reason. Whoever adds a line says here why it shows no
 * patient; the crawl then proves it.
 */
const reviewed: readonly [route: RegExp, why: string][] = [
  [/^\w+ GET \/(healthz|metrics)$/, "for whoever runs the server"],
  [/^app GET \/(endpoints\.json|\*)$/, "files that anybody may have"],
  [/^care GET \/fhir\/R4\/(metadata|\.well-known\/smart-configuration)$/, "what this server can do"],
  [/^care POST \/identity\/v1\/token$/, "the way in of another system, which signs that it is itself"],
  [
    /^\w+ POST \/identity\/v1\/(enrol|attach|refresh|heartbeat|sign-out)$/,
    "a device comes, and a session goes on or ends",
  ],
  [/^\w+ (GET|POST) \/identity\/v1\/(nonce|sign-in|passkeys|pin$)/, "the way to the second factor"],
  [/^\w+ POST \/sync\/v1\/(push|heads|accesses)$/, "what was written gets home; it answers with hashes alone"],
  [/^crew HEAD \/blobs/, "how much of an attachment has arrived"],
  [/^crew PATCH \/blobs/, "what was recorded gets home"],
  [/^(crew|care) GET \/sync\/v1\/poke$/, "that something changed, never what"],
  [/^care GET \/arrivals\/v1$/, "the wall board, without names"],
];

interface Stranger {
  what: string;
  /** How a request is sent; undefined where this stranger does not come to that zone. */
  as(zone: CellZone, probe: TestCall): TestCall;
}

const server = useServer({ settings: { HOLDFAST_REQUESTS_PER_MINUTE: "10000000" } });
let planted: PlantedRecord;
const strangers: Stranger[] = [];

/** A person's token that says what it likes: sealed with the cell's own key, so only what it says can be its fault. */
const forged = (device: TestDevice, more: { readsUntilMs?: number; strength?: "vouched" | "none" }): string => {
  const { deviceId, zone, publicKey } = device;
  const token = issueToken(server.cells.get(device.trust)!.keyRing.tokenKey, {
    deviceId,
    zone,
    siteId: device.enrolment.site?.siteId,
    keyThumbprint: thumbprintOf(publicKey),
    sessionId: crypto.randomUUID(),
    authenticatedMs: Date.now(),
    readsUntilMs: more.readsUntilMs ?? Date.now() + 600_000,
    person: {
      userId: "test-stranger",
      name: "Testcase Stranger",
      roles: zone === "crew" ? ["paramedic"] : zone === "care" ? ["hospital-doctor"] : ["security", "configuration"],
      strength: more.strength ?? "passkey",
    },
  });
  bindToken({ ...device, token });
  return token;
};

beforeAll(async () => {
  planted = await plantRecord(server);
  const zones = { crew: "DEMO-TABLET-1", care: "DEMO-SCREEN-SOUTHGATE", control: "DEMO-DESK-1" } as const;
  const enrolAll = async (trust: string) => {
    const devices = new Map<CellZone, TestDevice>();
    for (const [zone, code] of Object.entries(zones) as [CellZone, string][]) {
      const device = zone === "crew" && trust === "northmoor" ? planted.tablet : undefined;
      devices.set(zone, device ?? (await enrolTestDevice(server, zone, code, trust)));
    }
    return (zone: CellZone): TestDevice => devices.get(zone)!;
  };
  const [own, foreign] = [await enrolAll("northmoor"), await enrolAll("westvale")];
  const elsewhere: Record<CellZone, CellZone> = { crew: "care", care: "control", control: "crew" };
  const other = await enrolTestDevice(server, "crew", "DEMO-TABLET-3");
  const ended = new Map<CellZone, string>();
  for (const zone of ["crew", "care", "control"] as const) {
    const { token } = await signInTestPerson(server, own(zone), { userId: `ended-${zone}` });
    await server.cells.get("northmoor")!.sessions.end({ userId: `ended-${zone}` }, "ended-at-desk");
    ended.set(zone, token);
  }
  const past = { readsUntilMs: Date.now() - 1_000 };
  const say = (what: string, tokenFor: (zone: CellZone) => string, more: Partial<TestCall> = {}): void => {
    strangers.push({ what, as: (zone, probe) => ({ ...probe, ...more, token: tokenFor(zone) }) });
  };
  strangers.push({ what: "nobody, with no token", as: (_zone, probe) => probe });
  say("a device by itself", (zone) => alone(own(zone)).token);
  say("a made-up token", () => "bm90aGluZw.bm90aGluZw");
  const [late, vouched, factorless] = [past, { strength: "vouched" }, { strength: "none" }].map(
    (more) =>
      new Map((["crew", "care", "control"] as const).map((zone) => [zone, forged(own(zone), more as typeof past)])),
  );
  say("a person whose token has run out", (zone) => late!.get(zone)!);
  say("a person whose session was ended", (zone) => ended.get(zone)!);
  say("somebody who was vouched for", (zone) => vouched!.get(zone)!);
  say("a person without a second factor", (zone) => factorless!.get(zone)!);
  say("another trust's person", (zone) => foreign(zone).token);
  say("another zone's person", (zone) => own(elsewhere[zone]).token);
  say("a thief with the token and another key", (zone) => own(zone).token, { key: other });
  say("a thief with the token and no key", (zone) => own(zone).token, { key: "none" });
});

const isReviewed = ({ zone, method, url }: ZoneRoute): boolean =>
  reviewed.some(
    ([route]) =>
      route.test(`${zone} ${method === "HEAD" ? "GET" : method} ${url}`) || route.test(`${zone} ${method} ${url}`),
  );

test("no route answers without a person's second factor, but for the reviewed list, and that shows no patient", async () => {
  const found: string[] = [];
  let tried = 0;
  let answered = 0;
  for (const route of server.routes())
    for (const { what, as } of strangers) {
      const probe = probeOf(route, planted);
      const answer = await call(server, as(route.zone === "app" ? "care" : route.zone, probe));
      tried += 1;
      const says = `${what}: ${route.zone} ${route.method} ${route.url} answered ${answer.status}`;
      if (answer.status < 300) answered += 1;
      if (answer.status < 300 && !isReviewed(route)) found.push(says);
      if (showsPatient(answer) || answer.text.includes(marker)) found.push(`${says} with the patient`);
    }
  console.log(
    `crawler: ${tried} requests to ${server.routes().length} routes, ${answered} answered, ${found.length} wrongly`,
  );
  expect(found).toEqual([]);
  expect(tried).toBe(server.routes().length * strangers.length);
}, 600_000);

test("control: with a second factor the same requests show the patient, so the crawl above can fail", async () => {
  const screen = await enrolTestDevice(server, "care");
  const shows: string[] = [];
  for (const route of server.routes().filter(({ zone, method }) => zone === "care" && method !== "HEAD")) {
    if (route.url.endsWith("sign-out")) continue;
    if (showsPatient(await call(server, { ...probeOf(route, planted), token: screen.token }))) shows.push(route.url);
  }
  expect(shows).toEqual(
    expect.arrayContaining(["/sync/v1/pull", "/arrivals/v1", "/records/v1/:recordId/page.pdf", "/fhir/R4/:type/:id"]),
  );
});
