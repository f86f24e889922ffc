import { describe, expect, test } from "vitest";
import { formOf } from "./form-of-text.ts";
import { blankDrug, blankPerson, blankSet, blankText, type PaperText } from "./paper-text.ts";
import { textOf } from "./text-of-form.ts";

const typed: PaperText = {
  ...blankText,
  fields: {
    ...blankText.fields,
    date: "15/01/2026",
    time: "23:40",
    callSign: "NM201",
    cadNumber: "CAD-771",
    familyName: "Testcase",
    birthDate: "01/02/1950",
    nhsNumber: "9990000018",
    identity: "stated",
    pregnant: "not-known",
    allergyList: "Penicillin, rash\nLatex",
    weight: "68.5",
    weightHow: "estimated",
    concern: "Chest pain",
    onsetTime: "21:30",
    medication: "Aspirin",
    ecg: "yes",
    ecgTime: "23:55",
    outcome: "see-and-convey",
    handoverTo: "Sister Testcase",
    handoverTime: "00:40",
    notes: "Daughter has the keys",
  },
  times: { "at-scene": "23:45", "left-scene": "00:10" },
  author: { name: "Testcase Medic", staffNumber: "NM1001", role: "Paramedic" },
  crew: [{ ...blankPerson, name: "Testcase Driver" }],
  sets: [
    {
      ...blankSet,
      time: "23:50",
      respirations: "18",
      spo2: "96",
      spo2Scale: "2",
      inspired: "air",
      acvpu: "A",
      eye: "4",
      verbal: "NT",
      motor: "6",
    },
  ],
  drugs: [
    {
      ...blankDrug,
      time: "23:52",
      drug: "Aspirin",
      dose: "300",
      route: "oral",
      giver: "Testcase Driver",
      witness: "Testcase Medic",
    },
  ],
};
const read = (text: PaperText) => {
  const result = formOf(text);
  if ("faults" in result) throw new Error(result.faults.join("; "));
  return result.form;
};

describe("a form as it is typed", () => {
  test("becomes the form, and comes back as it was typed", () => {
    const form = read(typed);
    expect(form.times["left-scene"]).toBe("2026-01-16T00:10:00.000Z");
    expect(form.handover?.at).toBe("2026-01-16T00:40:00.000Z");
    expect(form.allergies).toEqual({
      allergies: { is: [{ substance: "Penicillin", reaction: "rash" }, { substance: "Latex" }] },
    });
    expect(form.patient.weight).toEqual({ quantity: { value: "68.5", unit: "kg" }, how: "estimated" });
    expect(form.presentation?.onset).toEqual({ is: "2026-01-15T21:30:00.000Z" });
    expect(form.drugs[0]).toMatchObject({ giver: { name: "Testcase Driver" }, witness: { name: "Testcase Medic" } });
    expect(textOf(form)).toEqual(typed);
  });

  test("keeps an onset and a handover on days of their own", () => {
    const days = { onsetDate: "13/01/2026", onsetTime: "08:00", handoverDate: "17/01/2026", handoverTime: "09:15" };
    const dated = { ...typed, fields: { ...typed.fields, ...days } };
    const form = read(dated);
    expect(form.presentation?.onset).toEqual({ is: "2026-01-13T08:00:00.000Z" });
    expect(form.handover?.at).toBe("2026-01-17T09:15:00.000Z");
    expect(textOf(form)).toEqual(dated);
    // Not a time: a reason why there is none.
    const untold = { ...typed, fields: { ...typed.fields, onsetTime: "", onsetNo: "not-known" } };
    expect(read(untold).presentation?.onset).toEqual({ no: "not-known" });
    expect(textOf(read(untold))).toEqual(untold);
  });

  test("drops no box without a word: what contradicts, or belongs to an answer that is missing, is to be looked at", () => {
    const losing: [fault: string, fields: Partial<PaperText["fields"]>][] = [
      ["Allergies: the answer or the list", { allergies: "none" }],
      ["NHS number: the digits, or why there are none", { nhsNumberNo: "refused" }],
      ["Weight: how it is known", { weightHow: "" }],
      ["Weight: the kilograms", { weight: "" }],
      ["Onset: a time, or why there is none", { onsetNo: "not-asked" }],
      ["Onset, date: needed too", { onsetTime: "23:50" }],
      ["Onset, time: a time as 14:05", { onsetTime: "two hours" }],
      ["ECG recorded: yes or no", { ecg: "" }],
      ["Handed over to: a name", { handoverTo: "" }],
      ["Handed over to: a name", { handoverTo: "", handoverTime: "", handoverWhere: "Southgate ED" }],
      ["Handover, time: a time as 14:05", { handoverDate: "16/01/2026", handoverTime: "" }],
      ["Handover, date: day, month, year", { handoverDate: "01/16/2026" }],
    ];
    for (const [fault, fields] of losing) {
      const result = formOf({ ...typed, fields: { ...typed.fields, ...fields } });
      expect("faults" in result ? result.faults : [], fault).toEqual([expect.stringContaining(fault)]);
    }
    const unit = formOf({ ...typed, drugs: [{ ...typed.drugs[0]!, dose: "", unit: "g" }] });
    expect(unit).toEqual({ faults: ["Drug 1, unit: there is no dose"] });
  });

  test("with empty boxes says nothing: no allergy answer, no score, no name", () => {
    const { fields } = blankText;
    const bare = { ...blankText, fields: { ...fields, date: "15/01/2026", time: "10:00", callSign: "NM201" } };
    const form = read({ ...bare, author: { ...blankPerson, name: "Testcase Medic" } });
    expect(form).toMatchObject({ patient: { identity: "unknown" }, observations: [], drugs: [] });
    expect(form.allergies).toBeUndefined();
    expect(read({ ...bare, author: typed.author, fields: { ...bare.fields, allergies: "refused" } }).allergies).toEqual(
      {
        allergies: { no: "refused" },
      },
    );
  });

  test("says in words what a person has to look at again", () => {
    const faultsOf = (text: PaperText) => formOf(text) as { faults: string[] };
    expect(faultsOf(blankText).faults[0]).toContain("Date");
    const wrong = {
      ...typed,
      author: blankPerson,
      fields: { ...typed.fields, nhsNumber: "12", birthDate: "02/13/1950", callSign: "" },
      sets: [{ ...typed.sets[0]!, respirations: "18x", time: "25:00" }],
    };
    expect(faultsOf(wrong).faults).toEqual(
      expect.arrayContaining([
        "NHS number: ten digits",
        "Date of birth: day, month, year, as in 01/02/1950",
        "Set 1, Breaths: “18x” is no number",
        "Set 1, time: a time as 14:05",
        "Call sign: it is needed",
        "Who wrote the form: at least a name",
      ]),
    );
  });
});
