import { beforeAll, expect, test } from "vitest";
import { type Rule, rules } from "#defence/access/rules.ts";
import { type Role, roles } from "#defence/access/words.ts";
import type { ZoneRoute } from "#server/main.ts";
import type { CellZone } from "#server/trusts.ts";
import { bootForTest, call, type TestServer } from "#test/boot.ts";
import {
  alone,
  connectTestSystem,
  enrolTestDevice,
  note,
  push,
  runOf,
  signInTestPerson,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { type PlantedRecord, plantRecord, probeOf, showsPatient } from "#test/route-probes.ts";
import { useServer } from "#test/set-up.ts";

/**
 * Every role on every route, of the record's trust and another, at its site and another. What is right is written here by
 * hand, coarsely and apart from the policy, so that a slip in one shows against the other.
 */

/** `sees`: something of the patient comes back. `answers`: the caller is let in and learns nothing of the patient. */
type Outcome = "sees" | "answers" | "refused" | "limited";

/** Nobody signed in, or the only role of who is. */
type Who = Role | "nobody";
const everybody: readonly Who[] = ["nobody", ...roles];
const crew: readonly Who[] = [
  "paramedic",
  "newly-qualified-paramedic",
  "technician",
  "emergency-care-assistant",
  "community-first-responder",
  "hems-doctor",
];
const crewAndStudents: readonly Who[] = [...crew, "student"];
const hospital: readonly Who[] = ["hospital-nurse", "hospital-doctor"];

interface Expected {
  /** Who is let in, of the record's own trust. The others are refused. */
  for: readonly Who[];
  /** Who sees the patient, at the record's own site or on its own tablet. */
  see?: readonly Who[];
  /** Who sees the patient from anywhere else in the trust. */
  seeFromElsewhere?: readonly Who[];
  /** Of another trust: refused, unless nothing here asks who calls. */
  openToAll?: true;
  /** Sign-in judges each request by itself; what counts here is that it shows no patient, and no other trust's. */
  judgedElsewhere?: true;
}
const open: Expected = { for: everybody, openToAll: true };
/** Another system has no device, and comes for FHIR alone. */
const device: Expected = { for: everybody.filter((who) => who !== "integration") };
const signIn: Expected = { for: everybody, judgedElsewhere: true };
const readByHospital: Expected = { for: hospital, see: hospital };
const fhir: Expected = { for: [...hospital, "integration"], see: [...hospital, "integration"] };
/** Of a route without an expectation, which has a test of its own. */
const nobody: Expected = { for: [] };
const desk = (...of: Who[]): Expected => ({ for: of });

/** By zone and path; the first that fits. A route that none fits is a route that nobody has thought about. */
const expectations: readonly [zones: string, url: RegExp, is: Expected][] = [
  ["app crew care control", /^\/(healthz|metrics)$/, open],
  ["app", /^\/(endpoints\.json|\*)$/, open],
  ["crew care control", /^\/identity\/v1\/(enrol|attach|nonce|refresh)$/, open],
  ["care", /^\/identity\/v1\/token$/, open],
  ["care", /^\/fhir\/R4\/\.well-known\/smart-configuration$/, open],
  ["crew care control", /^\/identity\/v1\/(sign-in|passkeys|pin$|sign-out)/, signIn],
  ["crew care control", /^\/identity\/v1\/heartbeat$/, device],
  ["crew care", /^\/sync\/v1\/(push|heads|accesses|poke)$/, device],
  ["crew", /^\/sync\/v1\/pull$/, { for: crewAndStudents, see: crewAndStudents }],
  // A reason is asked for first, as of the desk below.
  ["crew care", /^\/sync\/v1\/find$/, nobody],
  ["crew", /^(HEAD|PATCH) \/blobs/, device],
  ["crew", /^\/blobs/, { for: crewAndStudents, see: crewAndStudents }],
  ["crew", /^\/records\/v1\/:recordId\/accesses$/, { for: crew }],
  ["care", /^\/sync\/v1\/pull$/, readByHospital],
  ["care", /^PATCH \/blobs/, { for: [] }],
  ["care", /^\/blobs/, readByHospital],
  ["care", /^\/records\/v1\/:recordId\/accesses$/, { for: hospital }],
  ["care", /^\/records\/v1\/:recordId\/page\.pdf$/, readByHospital],
  ["care", /^\/arrivals\/v1$/, { ...device, see: hospital }],
  ["care", /^\/fhir\/R4\/metadata$/, open],
  ["care", /^(POST|PUT|PATCH|DELETE) \/fhir\/R4\/\*$/, open],
  // The planted record has no file of FHIR's.
  ["care", /^\/fhir\/R4\/Binary/, { for: [...hospital, "integration"] }],
  ["care", /^\/fhir\/R4\//, fhir],
  ["control", /^\/control\/v1\/(devices|codes)/, desk("security", "continuity", "configuration")],
  ["control", /^\/control\/v1\/(people|settings|connections)/, desk("configuration")],
  ["control", /^\/control\/v1\/sessions/, desk("security")],
  ["control", /^\/control\/v1\/reviews/, desk("governance")],
  ["control", /^\/control\/v1\/paper/, desk("records", "continuity")],
  ["control", /^\/control\/v1\/(notices|contacts)/, desk("continuity", "security")],
  ["control", /^\/control\/v1\/(proof|left-out|standby)/, desk("governance", "security", "continuity")],
  ["control", /^\/control\/v1\/proposals/, desk("governance", "continuity", "external-approver")],
  ["control", /^\/control\/v1\/disposals$/, desk("records")],
  // A reason is asked for first, and here nobody gives one.
  ["control", /^\/control\/v1\/(accesses\/export$|outages\/:outageId\/export$|records)/, desk()],
  ["control", /^\/control\/v1\/outages/, desk("governance", "continuity")],
  ["control", /^\/control\/v1\/timeline$/, desk("governance", "security")],
  ["control", /^\/control\/v1\/accesses/, desk("governance", "security")],
];

/** What changes for who says why: the glass breaks, and the desk opens what asks for a reason. */
const expectationsWithReason: typeof expectations = [
  [
    "crew",
    /^(\/sync\/v1\/pull|GET \/blobs)/,
    {
      for: [...crewAndStudents, "clinical-hub"],
      see: [...crewAndStudents, "clinical-hub"],
      seeFromElsewhere: [...crew, "clinical-hub"],
    },
  ],
  ["crew", /^\/sync\/v1\/find$/, { for: crew }],
  ["care", /^\/sync\/v1\/find$/, { for: hospital }],
  ["care", /^(\/sync\/v1\/pull|GET \/blobs)/, { for: hospital, see: hospital, seeFromElsewhere: hospital }],
  ["care", /page\.pdf$/, readByHospital],
  ["control", /^\/control\/v1\/(accesses|outages\/:outageId)\/export$/, desk("governance", "security")],
  ["control", /^\/control\/v1\/records\/:recordId\/history$/, desk("records", "governance")],
  ["control", /^POST \/control\/v1\/records/, desk("records")],
  [
    "control",
    /^\/control\/v1\/records/,
    {
      for: ["records", "governance"],
      see: ["records", "governance"],
      seeFromElsewhere: ["records", "governance"],
    },
  ],
];

const nameOf = ({ zone, method, url }: ZoneRoute): string => `${zone} ${method} ${url}`;

const expectationOf = ({ zone, method, url }: ZoneRoute, among = expectations): Expected | undefined =>
  among.find(
    ([zones, path]) => zones.split(" ").includes(zone) && (path.test(url) || path.test(`${method} ${url}`)),
  )?.[2];

/** `own`: the record's site on `care`, the tablet that wrote it on `crew`. `wrote`: another tablet, which has pushed a note into it. */
type Place = "own" | "other" | "wrote";

interface Caller {
  who: Who;
  zone: CellZone;
  ownTrust: boolean;
  place: Place;
  token: string;
}

const rightFor = (route: ZoneRoute, expected: Expected, { who, ownTrust, place }: Caller): readonly Outcome[] => {
  if (expected.openToAll) return ["answers", "limited"];
  if (!ownTrust) return ["refused", ...(expected.judgedElsewhere ? (["limited"] as const) : [])];
  if (expected.judgedElsewhere) return ["answers", "refused", "limited"];
  if (!expected.for.includes(who)) return ["refused"];
  // To write into a record is nobody's way to read it.
  const seers = place === "own" ? expected.see : expected.seeFromElsewhere;
  return [route.method !== "HEAD" && seers?.includes(who) === true ? "sees" : "answers"];
};

const outcomeOf = async (
  server: TestServer,
  route: ZoneRoute,
  planted: PlantedRecord,
  token: string,
  headers: Record<string, string>,
): Promise<Outcome> => {
  const answer = await call(server, { ...probeOf(route, planted), token, headers });
  if (answer.status === 429) return "limited";
  if (answer.status === 401 || answer.status === 403) return "refused";
  if (answer.status >= 500 && route.zone !== "app")
    throw new Error(`${nameOf(route)} answered ${answer.status}: ${answer.text}`);
  return showsPatient(answer) ? "sees" : "answers";
};

const places = { crew: "DEMO-TABLET-2", care: "DEMO-SCREEN-HARBOUR", control: "DEMO-DESK-2" };
const ownPlaces = { crew: "DEMO-TABLET-1", care: "DEMO-SCREEN-SOUTHGATE", control: "DEMO-DESK-1" };

const placesIn = (zone: CellZone, ownTrust: boolean): readonly Place[] =>
  zone === "crew" && ownTrust ? ["own", "other", "wrote"] : ["own", "other"];

const callersOf = async (server: TestServer, planted: PlantedRecord, zones: readonly CellZone[]): Promise<Caller[]> => {
  const callers: Caller[] = [];
  for (const zone of zones)
    for (const ownTrust of [true, false])
      for (const place of placesIn(zone, ownTrust)) {
        const code = (place === "own" ? ownPlaces : places)[zone];
        const isAuthor = zone === "crew" && ownTrust && place === "own";
        const held: TestDevice = isAuthor
          ? planted.tablet
          : await enrolTestDevice(server, zone, code, ownTrust ? "northmoor" : "westvale");
        if (place === "wrote") await push(server, held, await runOf(held, testChain(planted.recordId), note("x")));
        callers.push({ who: "nobody", zone, ownTrust, place, token: alone(held).token });
        for (const role of roles) {
          if (role === "integration") {
            if (zone === "care") {
              const { siteId } = held.enrolment.site!;
              callers.push({
                who: role,
                zone,
                ownTrust,
                place,
                token: await connectTestSystem(server, held, siteId),
              });
            }
            continue;
          }
          const person = { roles: [role], userId: `${role}-${held.deviceId}`, strength: "passkey" } as const;
          const { token } = await signInTestPerson(server, held, person);
          callers.push({ who: role, zone, ownTrust, place, token });
        }
      }
  return callers;
};

interface Wrong {
  cell: string;
  expected: readonly Outcome[];
  found: Outcome;
}

/** As many as there are lanes for attachments: a caller who must wait is neither let in nor refused. */
const callersAtOnce = 4;

/** Tries each caller on each route of its zone. A caller's sign-out comes last, since its session ends there. */
const tryAll = async (
  server: TestServer,
  planted: PlantedRecord,
  routes: readonly ZoneRoute[],
  callers: readonly Caller[],
  among = expectations,
): Promise<{ tried: number; wrong: Wrong[] }> => {
  const inOrder = routes.toSorted((a, b) => Number(a.url.endsWith("sign-out")) - Number(b.url.endsWith("sign-out")));
  const wrong: Wrong[] = [];
  let tried = 0;
  const waiting = [...callers];
  const headers: Record<string, string> =
    among === expectationsWithReason ? { "holdfast-reason": encodeURIComponent("The matrix asks") } : {};
  const work = async () => {
    for (let caller = waiting.pop(); caller !== undefined; caller = waiting.pop())
      for (const route of inOrder.filter(({ zone }) => zone === caller.zone || zone === "app")) {
        const expected = rightFor(route, expectationOf(route, among) ?? nobody, caller);
        const found = await outcomeOf(server, route, planted, caller.token, headers);
        tried += 1;
        const trust = caller.ownTrust ? "own trust" : "other trust";
        const cell = `${caller.who}, ${trust}, ${caller.place} place: ${nameOf(route)}`;
        if (!expected.includes(found)) wrong.push({ cell, expected, found });
      }
  };
  await Promise.all(Array.from({ length: callersAtOnce }, work));
  return { tried, wrong };
};

const settings = { HOLDFAST_REQUESTS_PER_MINUTE: "10000000" };

const server = useServer({ settings });
let planted: PlantedRecord;
beforeAll(async () => {
  planted = await plantRecord(server);
});

test("every route of every zone has somebody's expectation", () => {
  expect(
    server
      .routes()
      .filter((route) => expectationOf(route) === undefined)
      .map(nameOf),
  ).toEqual([]);
});

/** A HEAD that fastify adds to a GET is the same route with the body left out. */
const isTwin = (route: ZoneRoute, all: readonly ZoneRoute[]): boolean =>
  route.method === "HEAD" &&
  all.some(
    ({ zone, method, url, action }) =>
      method === "GET" && `${zone} ${url} ${action}` === `${route.zone} ${route.url} ${route.action}`,
  );

test("every role on every route, of own and other trust, at own and other site, is let in or refused as it should be", async () => {
  const callers = await callersOf(server, planted, ["crew", "care", "control"]);
  const routes = server.routes().filter((route, _i, all) => !isTwin(route, all));
  const { tried, wrong } = await tryAll(server, planted, routes, callers);
  console.log(`access matrix: ${tried} cells tried, ${wrong.length} wrong`);
  expect(wrong).toEqual([]);
  expect(tried).toBeGreaterThanOrEqual(1_000);
}, 600_000);

test("a reason opens what asks for one, to those whom it is open to, and to nobody else", async () => {
  const callers = await callersOf(server, planted, ["crew", "care", "control"]);
  const routes = server.routes().filter((route) => expectationOf(route, expectationsWithReason) !== undefined);
  const { tried, wrong } = await tryAll(server, planted, routes, callers, expectationsWithReason);
  console.log(`access matrix with a reason: ${tried} cells tried, ${wrong.length} wrong`);
  expect(wrong).toEqual([]);
});

test("a planted hole is found: a screen with nobody signed in that prints", async () => {
  const hole: Rule = {
    who: "device",
    does: ["print"],
    in: ["care"],
    to: "any",
    for: "direct-care",
    needs: [],
    why: "A planted hole.",
  };
  const holed = await bootForTest({ settings, rules: [...rules, hole] });
  try {
    const record = await plantRecord(holed);
    const callers = await callersOf(holed, record, ["care"]);
    const printing = holed.routes().filter(({ url }) => url.endsWith("page.pdf"));
    const { wrong } = await tryAll(holed, record, printing, callers);
    expect(wrong.map(({ cell }) => cell)).toContain(
      "nobody, own trust, own place: care GET /records/v1/:recordId/page.pdf",
    );
  } finally {
    await holed.remove();
  }
});
