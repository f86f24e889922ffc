import { describe, expect, test } from "vitest";
import { atmist } from "#domain/handover/atmist.ts";
import { toFinish } from "#domain/handover/to-finish.ts";
import { minute, recordOf, type SampleOptions, sampleEntries, sampleId, tabletB } from "#test/sample-entries.ts";
import type { Entry } from "../entry/entry.ts";
import { coSignature, coSignedMax } from "./co-signature.ts";
import { awaitingTexts, coSignText } from "./words.ts";

const student: SampleOptions = { name: "Sam Testcase", role: "Student", coSign: "needed" };
const other: SampleOptions = { name: "Robin Testcase", role: "Student", coSign: "needed" };
const medic: SampleOptions = { name: "Demo Medic" };
const technician: SampleOptions = { name: "Demo Tech", role: "Technician", signIn: "pin-weak" };

const shift = () => {
  const make = sampleEntries();
  return {
    ...make,
    drug: (by: SampleOptions = student) => make.add("drug", { drug: "Aspirin" }, by),
    sign: (entries: readonly Entry[], by: SampleOptions = medic) =>
      make.add("co-signature", { entries: entries.map(({ id }) => id) }, by),
  };
};
const awaiting = (...entries: Entry[]) => recordOf(...entries).awaitingCoSign.map(({ entry }) => entry);

describe("an entry by a student", () => {
  test("awaits a co-signature until a crewmate has given it, and then says who and when", () => {
    const s = shift();
    const drug = s.drug();
    expect(awaiting(drug)).toEqual([drug]);
    expect(coSignText(recordOf(drug).lines[0]!)).toBe("awaiting co-signature");
    const signed = s.sign([drug], { ...medic, at: minute(5) });
    expect(awaiting(drug, signed)).toEqual([]);
    expect(coSignText(recordOf(drug, signed).drugs[0]!)).toBe("co-signed by Demo Medic 10:05");
  });

  test("stands, counts and is handed over all the same", () => {
    const s = shift();
    const record = recordOf(s.drug());
    expect(record.drugs).toHaveLength(1);
    expect(atmist(record, minute(9)).at(-1)?.lines).toEqual([
      "10:01 Aspirin · dose not recorded",
      "1 entry by Sam Testcase (student) awaits a co-signature",
    ]);
  });

  test("may come after its co-signature", () => {
    const s = shift();
    const drug = s.drug();
    const signed = s.sign([drug]);
    expect(awaiting(signed)).toEqual([]);
    expect(awaiting(signed, drug)).toEqual([]);
  });

  test("a crew's own entry asks for none, whoever signs it", () => {
    const s = shift();
    const drug = s.drug(technician);
    const [line] = recordOf(drug, s.sign([drug])).lines;
    expect(line?.coSign).toBeUndefined();
    expect(coSignText(line!)).toBe("");
  });

  test("an author of a later version, whose need has another name, awaits one too", () => {
    const s = shift();
    const drug = s.drug({ name: "Later", coSign: "by-a-mentor" });
    expect(awaiting(drug)).toEqual([drug]);
  });
});

describe("a co-signature that counts for nothing", () => {
  test.each([
    ["of the student's own", student],
    ["of another student", other],
    ["of the author under the same name, as if needing none", { name: "Sam Testcase" }],
    ["of somebody whom a crewmate vouched for", { ...medic, signIn: "vouched" }],
    ["of a locked tablet", { ...medic, signIn: "none" }],
    ["of a screen", { ...medic, signIn: "device" }],
    ["of who signed in at a hospital's screen", { ...medic, signIn: "passkey" }],
  ])("%s", (_whose, by) => {
    const s = shift();
    const drug = s.drug();
    const record = recordOf(drug, s.sign([drug], by));
    expect(record.awaitingCoSign.map(({ entry }) => entry)).toEqual([drug]);
    expect(record.coSignatures).toHaveLength(1);
  });

  test("one that was struck; and struck again, it counts again", () => {
    const s = shift();
    const drug = s.drug();
    const signed = s.sign([drug]);
    const strike = s.strike(signed, { ...medic, reason: "slip" });
    expect(awaiting(drug, signed, strike)).toEqual([drug]);
    expect(awaiting(drug, signed, strike, s.strike(strike, medic))).toEqual([]);
  });
});

describe("what a student brings back", () => {
  test("after a crewmate struck it awaits that crewmate's word; what the student took back alone does not", () => {
    const s = shift();
    const drug = s.drug(medic);
    const strike = s.strike(drug, { ...medic, reason: "given to another patient" });
    const undone = s.strike(strike, student);
    const line = recordOf(drug, strike, undone).lines[0]!;
    expect([line.state, coSignText(line)]).toEqual(["current", "brought back, awaiting co-signature"]);
    expect(awaiting(undone, strike, drug)).toEqual([drug]);
    expect(awaiting(drug, strike, undone, s.sign([undone]))).toEqual([]);
    expect(awaiting(drug, strike, s.strike(strike, technician))).toEqual([]);
    const own = s.strike(drug, { ...student, reason: "slip" });
    expect(awaiting(drug, own, s.strike(own, student))).toEqual([]);
  });

  test("is no co-signature that a crewmate withdrew", () => {
    const s = shift();
    const drug = s.drug();
    const signed = s.sign([drug]);
    const strike = s.strike(signed, medic);
    expect(awaiting(drug, signed, strike, s.strike(strike, student))).toEqual([drug]);
  });
});

describe("what happens to the entry afterwards", () => {
  test("an amendment by the student needs a new one; by a crewmate it needs none", () => {
    const s = shift();
    const drug = s.drug();
    const signed = s.sign([drug]);
    const amended = s.amend(drug, { drug: "Aspirin 300" }, student);
    expect(awaiting(drug, signed, amended)).toEqual([amended]);
    expect(awaiting(drug, signed, amended, s.sign([amended]))).toEqual([]);
    expect(awaiting(drug, s.amend(drug, { drug: "Aspirin 75" }, medic))).toEqual([]);
  });

  test("a student's amendment of a crewmate's entry needs one; struck, the crewmate's stands and needs none", () => {
    const s = shift();
    const drug = s.drug(medic);
    const amended = s.amend(drug, { drug: "Aspirin 300" }, student);
    expect(awaiting(drug, amended)).toEqual([amended]);
    expect(awaiting(drug, amended, s.strike(amended, student))).toEqual([]);
  });

  test("struck, it needs none; put back, it does", () => {
    const s = shift();
    const drug = s.drug();
    const strike = s.strike(drug, student);
    expect(awaiting(drug, strike)).toEqual([]);
    expect(awaiting(drug, strike, s.strike(strike, medic))).toEqual([drug]);
  });

  test("a student's strike of a crewmate's entry needs one", () => {
    const s = shift();
    const drug = s.drug(medic);
    const strike = s.strike(drug, student);
    const record = recordOf(drug, strike);
    expect(record.awaitingCoSign).toMatchObject([{ entry: drug, coSign: { of: strike } }]);
    expect(coSignText(record.lines[0]!)).toBe("strike awaiting co-signature");
    expect(awaiting(drug, strike, s.sign([strike]))).toEqual([]);
  });
});

describe("in words", () => {
  test("counts by author", () => {
    const s = shift();
    const record = recordOf(s.drug(), s.drug(), s.drug({ ...other, deviceId: tabletB }), s.drug(medic));
    expect(awaitingTexts(record)).toEqual([
      "2 entries by Sam Testcase (student) await a co-signature",
      "1 entry by Robin Testcase (student) awaits a co-signature",
    ]);
    expect(toFinish(record).filter(({ coSign }) => coSign)).toHaveLength(2);
  });

  test("names each signer once, at the first time", () => {
    const s = shift();
    const drug = s.drug();
    const signatures = [
      s.sign([drug], { ...technician, at: minute(7) }),
      s.sign([drug], { ...medic, at: minute(5) }),
      s.sign([drug], { ...medic, at: minute(9) }),
    ];
    const [line] = recordOf(drug, ...signatures).drugs;
    expect(coSignText(line!)).toBe("co-signed by Demo Medic 10:05, Demo Tech 10:07");
  });
});

test("the list of one co-signature is bounded, and not empty", () => {
  const ids = (count: number) => ({ entries: Array.from({ length: count }, (_, n) => sampleId(n)) });
  expect(coSignature.safeParse(ids(coSignedMax)).success).toBe(true);
  expect(coSignature.safeParse(ids(coSignedMax + 1)).success).toBe(false);
  expect(coSignature.safeParse(ids(0)).success).toBe(false);
});
