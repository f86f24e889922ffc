import { expect, test } from "vitest";
import { arrivalsResponse } from "#protocol/arrivals.ts";
import { call } from "#test/boot.ts";
import { destination, incident, note, pull, push, runOf, southgate, type TestDraft, testChain } from "#test/devices.ts";
import { useDevice, useServer } from "#test/set-up.ts";

const server = useServer();
const tablet = useDevice(server, "crew");
const screen = useDevice(server, "care");

const student = { userId: "n-sam-testcase", name: "Sam Testcase", role: "Student", signIn: "pin", coSign: "needed" };
const medic = { userId: "n-okafor", name: "Amara Okafor", role: "Paramedic", signIn: "pin" };
const [first, second] = ["00000000-0000-7000-8000-00000000c051", "00000000-0000-7000-8000-00000000c052"];
const sign = (entries: unknown[], author = medic): TestDraft => ({ kind: "co-signature", body: { entries }, author });

test("the base takes unsigned entries and every co-signature as they are, and the board counts what awaits one", async () => {
  const chain = testChain();
  const pushed = async (...drafts: TestDraft[]) => {
    const { answers } = await push(server, tablet, await runOf(tablet, chain, ...drafts));
    return answers.map(({ answer }) => answer);
  };
  const row = async () => {
    const answer = await call(server, { zone: "care", path: "/arrivals/v1", token: screen.token });
    return arrivalsResponse.parse(answer.json()).arrivals.find(({ recordId }) => recordId === chain.recordId);
  };
  const unsigned = [first, second].map((id) => ({ ...note("by the student"), id, author: student }));
  expect(await pushed(incident, destination(southgate), ...unsigned)).toEqual(Array(4).fill("accepted"));
  expect((await row())?.awaitingCoSign).toBe(2);

  // By the student, of nothing known, and of nothing readable: kept, and worth nothing.
  expect(await pushed(sign([first], student), sign([chain.recordId]), sign(["?"]), sign([]))).toEqual(
    Array(4).fill("accepted"),
  );
  expect((await row())?.awaitingCoSign).toBe(2);

  expect(await pushed(sign([first]))).toEqual(["accepted"]);
  expect((await row())?.awaitingCoSign).toBe(1);
  expect(await pushed(sign([first, second]))).toEqual(["accepted"]);
  expect(await row()).toBeDefined();
  expect((await row())?.awaitingCoSign).toBeUndefined();
  expect((await pull(server, tablet, chain.recordId)).lines).toHaveLength(10);
});

test("a hospital's screen signs nothing for a crew", async () => {
  const chain = testChain();
  await push(server, tablet, await runOf(tablet, chain, incident, destination(southgate)));
  const { answers } = await push(server, screen, await runOf(screen, testChain(chain.recordId), sign([first])));
  expect(answers).toMatchObject([{ answer: "retry", code: "kind-not-allowed" }]);
});
