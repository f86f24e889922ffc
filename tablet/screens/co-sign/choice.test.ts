import { describe, expect, test } from "vitest";
import { recordOf, type SampleOptions, sampleEntries } from "#test/sample-entries.ts";
import { choiceOf } from "./choice.ts";

const student: SampleOptions = { name: "Sam Testcase", coSign: "needed" };
const author = { userId: "medic", name: "Demo Medic", role: "Paramedic", signIn: "pin" };
const shift = () => {
  const make = sampleEntries();
  const first = make.add("note", { text: "first" }, student);
  const second = make.add("note", { text: "second" }, student);
  return { ...make, first, second };
};
const awaiting = (...entries: Parameters<typeof recordOf>) => recordOf(...entries).awaitingCoSign;

describe("what a press signs", () => {
  test("is what was there when the list was opened, and not what arrived while it was read", () => {
    const { add, amend, first, second } = shift();
    const opened = awaiting(first, second).map(({ entry }) => entry.id);
    const arrived = add("note", { text: "third" }, student);
    const amended = amend(second, { text: "second, otherwise" }, student);
    const choice = choiceOf(awaiting(first, second, arrived, amended), author, opened);
    expect(choice).toEqual({ signable: [first.id, arrived.id, amended.id], toSign: [first.id] });
  });

  test("is nothing for a student, or for who is vouched for", () => {
    const { first, second } = shift();
    const lines = awaiting(first, second);
    const chosen = [first.id, second.id];
    for (const idle of [
      { ...author, coSign: "needed" },
      { ...author, signIn: "vouched" },
    ])
      expect(choiceOf(lines, idle, chosen)).toEqual({ signable: [], toSign: [] });
    expect(choiceOf(lines, { ...author, userId: "Sam Testcase" }, chosen).signable).toEqual([]);
  });
});
