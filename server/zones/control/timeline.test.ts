import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import type { TimelinePage, TimelineRow } from "#protocol/control/timeline.ts";
import { type TimelineFilter, timeline } from "#server/timeline/timeline.ts";
import { bootForTest } from "#test/boot.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import {
  enrolTestDevice,
  incident,
  note,
  pull,
  push,
  runOf,
  signInTestPerson,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { wordsIn } from "#test/planted-words.ts";
import { useArchive, useArchivedBase } from "#test/set-up.ts";
import { readTimelinePage } from "../../timeline/timeline-page.ts";
import { atOneInstant } from "../../verify/at-one-instant.ts";

const archive = useArchive();
const server = useArchivedBase(archive, "by-itself");
let tablets: TestDevice[];
let security: TestDesk;
const chains = [testChain(), testChain()];
const since = new Date(Date.now() - 60_000).toISOString();
const until = new Date(Date.now() + 3_600_000).toISOString();

beforeAll(async () => {
  const signedIn = async (userId: string) =>
    signInTestPerson(server, await enrolTestDevice(server, "crew"), { userId });
  tablets = [await signedIn("p-one"), await signedIn("p-two")];
  for (const [i, tablet] of tablets.entries()) {
    const author = { userId: i === 0 ? "p-one" : "p-two", name: "Name", role: "Paramedic", signIn: "pin" };
    await push(server, tablet, await runOf(tablet, chains[i]!, incident, { ...note("PLANTED-NOTE"), author }));
    await pull(server, tablet, chains[i]!.recordId);
  }
  security = await openTestDesk(server, "s-one", ["security"]);
  expect((await security.get("outages")).status).toBe(403);
});

const page = async (query = ""): Promise<TimelinePage> => {
  const answer = await security.get(`timeline?from=${since}&to=${until}${query}`);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.json<TimelinePage>();
};
const place = ({ log, position }: Pick<TimelineRow, "log" | "position">): string => `${log} ${position}`;
const byCommand = async (filter: TimelineFilter): Promise<string[]> => {
  const { databaseUrl, keyRing } = server.cells.get("northmoor")!;
  const lines: string[] = [];
  for await (const line of timeline({ url: databaseUrl("archive"), keyRing, filter })) lines.push(place(line));
  return lines.reverse();
};

describe("who did what, at the desk", () => {
  test.each([
    ["a device", () => ({ device: tablets[1]!.deviceId })],
    ["an account", () => ({ account: "p-two" })],
    ["a record", () => ({ record: chains[0]!.recordId })],
    ["a device on a record", () => ({ device: tablets[0]!.deviceId, record: chains[1]!.recordId })],
  ] as const)("lists of %s what the command lists, newest first", async (_what, filter) => {
    const asked = filter();
    const expected = await byCommand(asked);
    const { lines, next } = await page(`&${new URLSearchParams(asked)}`);
    expect(lines.map(place)).toEqual(expected);
    expect(next).toBeNull();
  });

  test("names no patient, says what was refused, and is itself in the access log before it answers", async () => {
    const { lines } = await page(`&account=s-one`);
    expect(lines).toContainEqual(
      expect.objectContaining({ outcome: "refused", words: "was refused: review-harm not-your-role, for security" }),
    );
    expect(wordsIn(Buffer.from(JSON.stringify(await page())), ["PLANTED-NOTE"])).toEqual([]);
    const again = await page(`&account=s-one`);
    expect(again.lines.map(({ words }) => words)).toContain("looked at who did what, for security");
    const seen = await security.get(`accesses?recordId=${chains[0]!.recordId}&from=${since}&to=${until}`);
    expect(seen.json<{ lines: { action: string }[] }>().lines.map(({ action }) => action)).toContain("see-timeline");
  });

  test("comes in pages that leave nothing out and show nothing twice, also where most of it is not asked for", async () => {
    const { databaseUrl, keyRing } = server.cells.get("northmoor")!;
    const read = async (filter: TimelineFilter, limits: { linesMax?: number; readMax?: number }) => {
      const [places, pages]: [string[], number[]] = [[], []];
      const times = { from: new Date(since), to: new Date(until) };
      for (let before: string | null | undefined; before !== null; ) {
        const at = before;
        const { lines, next } = await atOneInstant(databaseUrl("archive"), "test", (client) =>
          readTimelinePage(client, keyRing, { filter, ...times, ...limits, before: at }),
        );
        places.push(...lines.map(place));
        pages.push(lines.length);
        before = next;
      }
      return { places, pages };
    };
    const whole = (await read({}, { linesMax: 10_000 })).places;
    expect(whole).toEqual(await byCommand({ fromMs: Date.parse(since) }));
    expect((await read({}, { linesMax: 7 })).places).toEqual(whole);
    // By the desk's own way, with a log of which nothing is asked for yet.
    const many = testChain();
    for (let entry = 0; entry < 60; entry++) await push(server, tablets[0]!, await runOf(tablets[0]!, many, incident));
    const first = await page(`&record=${many.recordId}`);
    const second = await page(`&record=${many.recordId}&before=${first.next}`);
    expect([first.lines.length, second.lines.length, second.next]).toEqual([50, 11, null]);
    expect(second.lines.at(-1)!.words).toBe("wrote entry 1 (incident)");
    const rare = await read({ account: "p-two" }, { readMax: 5 });
    expect(rare.places).toEqual((await read({ account: "p-two" }, {})).places);
    expect(rare.pages).toContain(0);
  });

  test("lists a line that was changed at the database as such, and all the others", async () => {
    const at = new pg.Client({ connectionString: server.cells.get("northmoor")!.databaseUrl("owner") });
    await at.connect();
    const before = await page(`&record=${chains[0]!.recordId}`);
    const { rows } = await at.query("SELECT position, sealed FROM care_line WHERE record_id = $1 AND n = 2", [
      chains[0]!.recordId,
    ]);
    await at.query("UPDATE care_line SET sealed = $2 WHERE position = $1", [rows[0].position, Buffer.alloc(60, 7)]);
    const after = await page(`&record=${chains[0]!.recordId}`);
    await at.query("UPDATE care_line SET sealed = $2 WHERE position = $1", [rows[0].position, rows[0].sealed]);
    await at.end();
    const faults = after.lines.filter(({ fault }) => fault !== null);
    expect(faults.map(place)).toEqual([`care ${rows[0].position}`]);
    // Its own look is one line more.
    expect(after.lines.length).toBe(before.lines.length + 1);
  });

  test("is for governance and security, for a time that has an end, and for no place that is none", async () => {
    for (const [roles, status] of [
      [["governance"], 200],
      [["continuity"], 403],
      [["records"], 403],
    ] as const) {
      const desk = await openTestDesk(server, `x-${roles[0]}`, [...roles]);
      expect((await desk.get(`timeline?from=${since}&to=${until}`)).status).toBe(status);
    }
    expect((await security.get(`timeline?from=${until}&to=${since}`)).status).toBe(400);
    expect((await security.get(`timeline?from=${since}`)).status).toBe(400);
    expect((await security.get(`timeline?from=${since}&to=${until}&before=1-2-3`)).status).toBe(400);
  });

  test("control: a server that seals into no archive reads no log as a whole, and says what does", async () => {
    const plain = await bootForTest();
    const desk = await openTestDesk(plain, "s-two", ["security"]);
    const answer = await desk.get(`timeline?from=${since}&to=${until}`);
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([409, "no-archive"]);
    await plain.remove();
  });
});
