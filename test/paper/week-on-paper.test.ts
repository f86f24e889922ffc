import { beforeAll, expect, test } from "vitest";
import { seededRandom } from "#demo/random.ts";
import { machinePack, numbersOfPack } from "#domain/paper/number.ts";
import { openTestDesk, type TestDesk } from "../desk.ts";
import { controlLogOf, enrolTestDevice, push, runOf, testChain } from "../devices.ts";
import { paperRun, printedPack } from "../paper-forms.ts";
import { useServer } from "../set-up.ts";
import { sizes } from "../sizes.ts";
import { type Clerk, type Office, shuffled, work } from "./clerk.ts";
import { judge } from "./judge.ts";
import { type TrueForm, writeLedger } from "./ledger.ts";

/**
 * A week on paper, entered by two clerks at once: forms typed wrongly, twice, misread, passed without a look, lost, void, and of
 * patients whom a tablet has already. The simulation's own ledger judges what became of it.
 */
const server = useServer({ settings: { HOLDFAST_REQUESTS_PER_MINUTE: "10000000" } });
const seed = Number(process.env.HOLDFAST_PAPER_SEED ?? 1);
const packsOf = { base: 4, forms: sizes.paperForms / 5 };
let clerks: Clerk[];
let desk: TestDesk;
let ledger: TrueForm[];
const meanwhile = new Map<string, string>();

beforeAll(async () => {
  const random = seededRandom(seed);
  const people = [
    { userId: "n-field", name: "Jo Field", role: "records" },
    { userId: "n-lowe", name: "Sam Lowe", role: "continuity" },
  ] as const;
  clerks = [];
  for (const [i, { userId, name, role }] of people.entries()) {
    const own = await openTestDesk(server, userId, [role]);
    clerks.push({ desk: own, userId, name, random: seededRandom(seed * 1000 + i) });
  }
  desk = clerks[0]!.desk;
  const packs: string[] = [];
  for (let i = 0; i < packsOf.base; i++) packs.push(await printedPack(server, packsOf.forms));
  // One was printed on the day, by a machine that had no base to ask.
  const alone = `NM-${machinePack("482109375", 1)}`;
  const { forms } = packsOf;
  expect((await desk.post("paper/packs", { pack: alone, forms, reason: "Its cover came in" })).status).toBe(200);
  packs.push(alone);
  for (const pack of packs) {
    const { position } = (await desk.get(`paper/packs?find=${pack}`)).json().rows[0];
    const issue = { vehicle: "NM201", heldBy: "Testcase Driver", reason: "Start of shift", expected: position };
    expect((await desk.post(`paper/packs/${pack}`, issue)).status).toBe(200);
  }
  ledger = writeLedger(
    packs.flatMap((pack) => numbersOfPack({ pack, forms })),
    random,
  );
  const tablet = await enrolTestDevice(server, "crew");
  for (const { number, meanwhile: made } of ledger) {
    if (made === undefined) continue;
    const chain = testChain();
    const call = {
      kind: "incident",
      body: { callSign: "NM201", cadNumber: made.cadNumber, crew: [], demonstration: true },
    };
    await push(server, tablet, await runOf(tablet, chain, call));
    meanwhile.set(number, chain.recordId);
  }
});

test(`${sizes.paperForms} forms: no duplicate, no orphan, every number accounted for`, async () => {
  const random = seededRandom(seed + 7);
  // A tenth of the forms lies in the pile twice: the crew's photocopy, or a page that went round.
  const copies = ledger.filter(({ fate }) => fate === "used" && random() < 0.1);
  const office: Office = { pile: shuffled([...ledger, ...copies], random), waiting: [], counts: {} };
  expect(ledger).toHaveLength(sizes.paperForms);
  while (office.pile.length + office.waiting.length > 0) await Promise.all(clerks.map((clerk) => work(clerk, office)));

  console.log(
    `seed ${seed}: ${ledger.length} forms, ${copies.length} of them twice, ${meanwhile.size} with a record made meanwhile\n` +
      Object.entries(office.counts)
        .map(([what, times]) => `  ${times} ${what}`)
        .join("\n"),
  );
  expect(await judge(server, desk, ledger, meanwhile)).toEqual([]);
  // The trouble was really there.
  for (const what of ["numbers typed wrongly", "duplicates seen before typing", "forms misread", "forms sent back"])
    expect(office.counts[what], what).toBeGreaterThan(sizes.paperForms / 100);
  expect(office.counts["readings that differed"]).toBeGreaterThan(0);
}, 600_000);

test("control: a form entered past the queue, an orphan and a number left open are found", async () => {
  const [used] = ledger.filter(({ fate }) => fate === "used");
  const [lost] = ledger.filter(({ fate }) => fate === "lost");
  const by = { userId: "n-field", name: "Jo Field" };
  // What the queue keeps apart: the same form straight into the log, from a device that may push.
  const tablet = await enrolTestDevice(server, "crew");
  const twice = await paperRun({ device: tablet }, { form: used!.paper, number: used!.number, by });
  await push(server, tablet, twice, await runOf(tablet, testChain(), { kind: "note", body: { text: "Nobody's" } }));
  const log = controlLogOf(server);
  const held = (await log.find("paper-form", lost!.number))!;
  await log.append([
    { kind: "paper-form", id: lost!.number, state: { state: "out" }, by: {}, expected: held.position },
  ]);
  const faults = await judge(server, desk, ledger, meanwhile);
  expect(faults).toEqual(
    expect.arrayContaining([
      `${used!.number} is in 2 records`,
      expect.stringContaining("belongs to no form"),
      `${lost!.number} was lost and is out`,
      "the desk lists 1 numbers as open",
    ]),
  );
});
