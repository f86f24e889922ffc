import { beforeAll, describe, expect, test } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import type { PaperForm } from "#domain/paper/form.ts";
import { machinePack, paperNumberText } from "#domain/paper/number.ts";
import { fold } from "#domain/record.ts";
import type { FormRow, FormsResponse, MatchedRecord } from "#protocol/control/paper.ts";
import { registerMachine } from "#server/paper/packs.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import { controlLogOf, enrolTestDevice, push, runOf, testChain } from "#test/devices.ts";
import { blankForm, paperRun, printedPack } from "#test/paper-forms.ts";
import { sql } from "#test/postgres.ts";
import { useServer } from "#test/set-up.ts";

const server = useServer();
let first: TestDesk;
let second: TestDesk;
let governance: TestDesk;
const clerk = { userId: "n-field", name: "Jo Field" };
const other = { userId: "n-lowe", name: "Sam Lowe" };
beforeAll(async () => {
  first = await openTestDesk(server, clerk.userId, ["records"]);
  second = await openTestDesk(server, other.userId, ["continuity"]);
  governance = await openTestDesk(server, "n-banda", ["governance"]);
});

const log = () => controlLogOf(server);
const numberOf = (pack: string, form: number): string => {
  const [letters = "", digits = ""] = pack.split("-");
  return paperNumberText({ letters, pack: digits, form });
};
const rowOf = async (number: string): Promise<FormRow> => (await first.get(`paper/forms/${number}`)).json<FormRow>();
const patient = (familyName: string, nhsNumber = "9990000018"): Partial<PaperForm> => ({
  patient: {
    identity: "stated",
    familyName,
    nhsNumber: { is: nhsNumber },
    birthDate: { is: "1950-02-01" },
  },
});
const readAgain = (familyName: string, nhsNumber = "9990000018") => ({
  cadNumber: "",
  familyName,
  nhsNumber,
  birthDate: "1950-02-01",
});
const transcribe = async (number: string, form: Partial<PaperForm>, more: { expected?: number } = {}) => {
  const run = await paperRun(first, { form: blankForm(form), number, by: clerk });
  const answer = await first.post(`paper/forms/${number}/transcription`, { run, about: false, expected: 0, ...more });
  return { run, answer };
};
/** What a record holds now, as the log has it. */
const entriesOf = async (recordId: string): Promise<Entry[]> => {
  const cell = server.cells.get("northmoor")!;
  const lines = await cell.crewReader.lines([{ recordId, after: 0 }], 500);
  return lines.flatMap(({ text }) => (text === null ? [] : [JSON.parse(text) as Entry]));
};

describe("a paper form", () => {
  test("counts once a second person has read it, and not before; its entries say who read it off which number", async () => {
    const number = numberOf(await printedPack(server, 5), 1);
    const { run, answer } = await transcribe(number, patient("Quill"));
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    expect(await rowOf(number)).toMatchObject({ state: "waiting", transcribedBy: "Jo Field" });
    expect(await entriesOf(run.recordId)).toEqual([]);

    const { position } = await rowOf(number);
    const own = await first.post(`paper/forms/${number}/check`, { ...readAgain("Quill"), expected: position });
    expect([own.status, own.json().code]).toEqual([403, "own-transcription"]);
    const wrong = await second.post(`paper/forms/${number}/check`, { ...readAgain("Quilt"), expected: position });
    expect([wrong.status, wrong.json().code]).toEqual([409, "not-the-same"]);
    expect(wrong.text).toContain("surname");
    expect(wrong.text).not.toContain("Quill");
    const stale = await second.post(`paper/forms/${number}/check`, { ...readAgain("Quill"), expected: position - 1 });
    expect(stale.json().code).toBe("changed-meanwhile");
    expect(await entriesOf(run.recordId)).toEqual([]);

    const checked = await second.post(`paper/forms/${number}/check`, { ...readAgain(" quill "), expected: position });
    expect([checked.status, checked.json()]).toEqual([200, { recordId: run.recordId }]);
    const record = fold(await entriesOf(run.recordId));
    expect(record.patient?.body.familyName).toBe("Quill");
    expect(record.patient?.entry.author).toMatchObject({
      name: "Testcase Medic",
      signIn: "none",
      transcribedBy: { ...clerk, paper: number },
    });
    expect(await rowOf(number)).toMatchObject({ state: "entered", checkedBy: "Sam Lowe" });
  });

  test("a number that is entered is refused, and shows by whom and when", async () => {
    const number = numberOf(await printedPack(server, 5), 1);
    const { run } = await transcribe(number, patient("Ash"));
    const again = await transcribe(number, patient("Ash"), { expected: (await rowOf(number)).position });
    expect([again.answer.status, again.answer.json().code]).toEqual([409, "already-accounted"]);
    expect(again.answer.json().title).toContain("Jo Field");
    // The same bytes once more are a lost answer, and no second form.
    const repeated = await first.post(`paper/forms/${number}/transcription`, { run, about: false, expected: 0 });
    expect(repeated.status).toBe(200);
    expect((await first.get(`paper/forms/${number}/history`)).json().lines).toHaveLength(1);
  });

  test("that was stored, and did not come to wait, is taken when the same run comes again", async () => {
    const number = numberOf(await printedPack(server, 5), 4);
    const base = server.cells.get("northmoor")!.databaseUrl("owner");
    await sql(base, "REVOKE EXECUTE ON FUNCTION append_control FROM holdfast_control");
    const { run, answer } = await transcribe(number, patient("Sedge"));
    await sql(base, "GRANT EXECUTE ON FUNCTION append_control TO holdfast_control");
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await rowOf(number)).toMatchObject({ state: "in-store" });
    const again = await first.post(`paper/forms/${number}/transcription`, { run, about: false, expected: 0 });
    expect([again.status, again.text]).toEqual([200, expect.any(String)]);
    const { position } = await rowOf(number);
    await second.post(`paper/forms/${number}/check`, { ...readAgain("Sedge"), expected: position });
    expect((await entriesOf(run.recordId)).map((entry) => entry.n)).toEqual(run.entries.map((_, i) => i + 1));
  });

  test("of two clerks with one number at once, one is taken", async () => {
    const number = numberOf(await printedPack(server, 5), 2);
    const runs = [
      { desk: first, run: await paperRun(first, { form: blankForm(), number, by: clerk }) },
      { desk: second, run: await paperRun(second, { form: blankForm(), number, by: other }) },
    ];
    const answers = await Promise.all(
      runs.map(({ desk, run }) => desk.post(`paper/forms/${number}/transcription`, { run, about: false, expected: 0 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test("sent back it is typed again, and only the newer reading ever counts", async () => {
    const number = numberOf(await printedPack(server, 5), 3);
    const { run: wrong } = await transcribe(number, patient("Wrongname"));
    const { position } = await rowOf(number);
    const sent = await second.post(`paper/forms/${number}/send-back`, {
      reason: "Surname is Rightname",
      expected: position,
    });
    expect(sent.status).toBe(200);
    const held = (await first.get(`paper/forms/${number}/transcription`)).json();
    expect(held.entries.join()).toContain("Wrongname");
    const { run, answer } = await transcribe(number, patient("Rightname"), { expected: sent.json().position });
    expect(answer.status).toBe(200);
    const done = await second.post(`paper/forms/${number}/check`, {
      ...readAgain("Rightname"),
      expected: answer.json().position,
    });
    expect(done.status).toBe(200);
    expect(await entriesOf(wrong.recordId)).toEqual([]);
    expect(fold(await entriesOf(run.recordId)).patient?.body.familyName).toBe("Rightname");
  });

  test("a server that ended between the check and the record is caught up with", async () => {
    const number = numberOf(await printedPack(server, 5), 4);
    const { run } = await transcribe(number, patient("Crash"));
    const held = (await log().find("paper-form", number))!;
    const state = { ...held.state, state: "checked", checkedBy: other.userId, checkedAt: new Date().toISOString() };
    await log().append([{ kind: "paper-form", id: number, state, by: {}, expected: held.position }]);
    expect(await entriesOf(run.recordId)).toEqual([]);
    // Two look at once: it is in the record once.
    await Promise.all([first.get("paper/forms"), second.get("paper/forms")]);
    expect(await rowOf(number)).toMatchObject({ state: "entered" });
    expect(await entriesOf(run.recordId)).toHaveLength(run.entries.length);
  });

  test("what is not this desk's, this person's or this form's is not taken", async () => {
    const pack = await printedPack(server, 5);
    const number = numberOf(pack, 1);
    const send = async (desk: TestDesk, read: Parameters<typeof paperRun>[1], signer = desk, about = false) =>
      (
        await desk.post(`paper/forms/${number}/transcription`, {
          run: await paperRun(signer, read),
          about,
          expected: 0,
        })
      ).json();
    const form = blankForm();
    expect(await send(first, { form, number: numberOf(pack, 2), by: clerk })).toMatchObject({ code: "not-sound" });
    expect(await send(first, { form, number, by: other })).toMatchObject({ code: "not-sound" });
    expect(await send(first, { form, number, by: clerk }, second)).toMatchObject({ code: "not-sound" });
    expect(await send(first, { form, number, by: clerk }, first, true)).toMatchObject({ code: "not-sound" });
    const forged = await paperRun(first, { form, number, by: clerk });
    forged.head.signature = (await paperRun(first, { form, number, by: clerk })).head.signature;
    const answer = await first.post(`paper/forms/${number}/transcription`, { run: forged, about: false, expected: 0 });
    expect(answer.json().title).toContain("bad-signature");
    expect(await rowOf(number)).toMatchObject({ state: "in-store", position: 0 });
  });

  test("is nobody else's business", async () => {
    expect((await governance.get("paper/forms")).status).toBe(403);
    expect((await governance.post("paper/matches", {})).status).toBe(403);
  });
});

describe("a number", () => {
  test("with a wrong digit says what to do, one of a pack that nobody knows says so, another trust's too", async () => {
    const number = numberOf(await printedPack(server, 5), 1);
    const wrong = number.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
    expect((await first.get(`paper/forms/${wrong}`)).json()).toMatchObject({ code: "check-digit" });
    expect((await first.get(`paper/forms/${numberOf("NM-48219999", 1)}`)).json()).toMatchObject({
      code: "unknown-pack",
    });
    expect((await first.get(`paper/forms/${numberOf("WV-48210001", 1)}`)).json()).toMatchObject({
      code: "other-trust",
    });
    expect((await first.get(`paper/forms/${numberOf("NM-48210001", 200)}`)).json()).toMatchObject({
      code: "unknown-pack",
    });
  });

  test("of a pack that a machine printed alone is taken once the pack is known, from its cover or from the machine", async () => {
    const pack = `NM-${machinePack("482109375", 1)}`;
    expect((await first.post("paper/packs", { pack, forms: 10, reason: "Cover came in" })).status).toBe(200);
    expect((await first.post("paper/packs", { pack, forms: 10, reason: "Again" })).json().code).toBe(
      "changed-meanwhile",
    );
    expect(await rowOf(numberOf(pack, 10))).toMatchObject({ state: "in-store" });
    const range = {
      machine: "482109375",
      secret: "mine",
      packs: [{ id: pack, forms: 10, printedAt: new Date().toISOString() }],
    };
    expect(await registerMachine(log(), range)).toBe(0);
    expect(
      await registerMachine(log(), {
        ...range,
        packs: [{ ...range.packs[0]!, id: `NM-${machinePack("482109375", 2)}` }],
      }),
    ).toBe(1);
    await expect(registerMachine(log(), { ...range, secret: "another machine's" })).rejects.toThrow("Another machine");
  });

  test("is on the list until somebody says what became of it, and says who said so", async () => {
    const pack = await printedPack(server, 3);
    const openOf = async () =>
      (await first.get(`paper/forms?find=${pack}`))
        .json<FormsResponse>()
        .rows.map(({ number, state }) => [number, state]);
    expect(await openOf()).toEqual([]);
    const { position } = (await first.get(`paper/packs?find=${pack}`)).json().rows[0];
    const issue = { vehicle: "NM201", heldBy: "Testcase Driver", reason: "Start of shift", expected: position };
    expect((await first.post(`paper/packs/${pack}`, issue)).status).toBe(200);
    expect(await openOf()).toEqual([1, 2, 3].map((form) => [numberOf(pack, form), "out"]));
    const say = (form: number, state: string, expected = 0) =>
      first.post(`paper/forms/${numberOf(pack, form)}/account`, { state, reason: "Seen by the desk", expected });
    expect((await say(1, "lost")).status).toBe(200);
    expect((await say(2, "void")).status).toBe(200);
    expect((await say(2, "lost")).json().code).toBe("changed-meanwhile");
    expect((await say(3, "not-used")).status).toBe(200);
    expect(await openOf()).toEqual([]);
    expect(await rowOf(numberOf(pack, 1))).toMatchObject({ by: "Jo Field", reason: "Seen by the desk" });
    // A lost form that turns up is typed in as any other.
    const { answer } = await transcribe(numberOf(pack, 1), {}, { expected: (await rowOf(numberOf(pack, 1))).position });
    expect(answer.status).toBe(200);
    const waiting = await rowOf(numberOf(pack, 1));
    expect((await say(1, "void", waiting.position)).json().code).toBe("already-accounted");
  });
});

describe("a record that was made meanwhile", () => {
  const made = async (familyName: string, nhsNumber: string, cadNumber: string): Promise<string> => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    const call = { kind: "incident", body: { callSign: "NM201", cadNumber, crew: [], demonstration: true } };
    const who = { kind: "patient", body: { ...patient(familyName, nhsNumber).patient } };
    await push(server, tablet, await runOf(tablet, chain, call, who));
    return chain.recordId;
  };
  const matchesOf = async (asked: object): Promise<MatchedRecord[]> => {
    const number = numberOf("NM-48210001", 1);
    const answer = await first.post("paper/matches", { number, at: new Date().toISOString(), ...asked });
    expect(answer.status, answer.text).toBe(200);
    return answer.json().records;
  };

  test("is found by NHS number, by the call, or by name and birth date near the time", async () => {
    const recordId = await made("Meanwhile", "9990000026", "CAD 7712");
    const whys = async (asked: object) => (await matchesOf(asked)).map((each) => [each.recordId, each.why]);
    expect(await whys({ nhsNumber: "999 000 0026" })).toEqual([[recordId, ["nhs-number"]]]);
    expect(await whys({ cadNumber: "cad-7712" })).toEqual([[recordId, ["cad-number"]]]);
    const named = { familyName: "Meenwile", birthDate: "1950-02-01" };
    expect(await whys(named)).toEqual([[recordId, ["name-and-birth-date"]]]);
    expect(await whys({ ...named, at: "2020-01-01T00:00:00.000Z" })).toEqual([]);
    expect(await whys({ familyName: "Meanwhile" })).toEqual([]);
    expect(await whys({})).toEqual([]);
  });

  test("takes the form in, in place of a second record", async () => {
    const recordId = await made("Continued", "9990000034", "CAD 9001");
    const [match] = await matchesOf({ cadNumber: "CAD 9001" });
    const number = numberOf(await printedPack(server, 5), 1);
    const form = blankForm({ notes: "Went on on paper from here" });
    const run = await paperRun(first, { form, number, by: clerk, about: match! });
    expect(run.recordId).toBe(recordId);
    const sent = await first.post(`paper/forms/${number}/transcription`, { run, about: true, expected: 0 });
    expect([sent.status, sent.text]).toEqual([200, expect.any(String)]);
    // A second form of the same record would need the same place in this desk's chain.
    const next = numberOf(await printedPack(server, 5), 1);
    const clash = await paperRun(first, { form, number: next, by: clerk, about: match! });
    const waits = await first.post(`paper/forms/${next}/transcription`, { run: clash, about: true, expected: 0 });
    expect(waits.json().code).toBe("record-waits");
    const empty = { cadNumber: "CAD 9001", familyName: "", birthDate: "", nhsNumber: "" };
    const check = (typed: object) =>
      second.post(`paper/forms/${number}/check`, { ...empty, ...typed, expected: sent.json().position });
    expect((await check({ cadNumber: "CAD 9002" })).json().title).toContain("CAD number");
    expect((await check({ nhsNumber: "9990000042" })).json().title).toContain("NHS number in the record");
    const done = await second.post(`paper/forms/${number}/check`, { ...empty, expected: sent.json().position });
    expect([done.status, done.json()]).toEqual([200, { recordId }]);
    const record = fold(await entriesOf(recordId));
    expect(record.incident?.disagreement).toEqual([]);
    expect(record.lines.some(({ entry }) => entry.ref?.rel === "about" && entry.ref.id === match!.about)).toBe(true);
  });
});
