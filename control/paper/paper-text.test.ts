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
    concern: "Chest pain",
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
      inspired: "air",
      acvpu: "A",
      eye: "4",
      verbal: "NT",
      motor: "6",
    },
  ],
  drugs: [{ ...blankDrug, time: "23:52", drug: "Aspirin", dose: "300", route: "oral", witness: "Testcase Driver" }],
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
    expect(textOf(form)).toEqual(typed);
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
