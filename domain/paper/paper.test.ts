import { describe, expect, test } from "vitest";
import { minute, sampleEntries, wholeSet } from "#test/sample-entries.ts";
import { lineText } from "../entry/compose.ts";
import { readBody } from "../kinds.ts";
import { spo2ScaleAt } from "../observations/news2.ts";
import { fold } from "../record.ts";
import { entriesOfPaper, paperKinds, paperOfEntries } from "./entries.ts";
import { type PaperForm, paperForm } from "./form.ts";
import { dateAndTime, paperDate, paperDateText, paperInstant, paperTime } from "./paper-time.ts";

const form: PaperForm = paperForm.parse({
  at: minute(0),
  author: { name: "Testcase Medic", staffNumber: "NM1234", role: "Paramedic" },
  crew: [{ name: "Testcase Medic", staffNumber: "NM1234", role: "Paramedic" }, { name: "Testcase Driver" }],
  cadNumber: "CAD-771",
  callSign: "NM201",
  times: { "at-scene": minute(2), "left-scene": minute(30) },
  patient: {
    identity: "stated",
    familyName: "Testcase",
    nhsNumber: { no: "not-known" },
    birthDate: { is: "1950-02-01" },
  },
  allergies: { allergies: { no: "refused" } },
  presentation: { concern: "Chest pain" },
  observations: [
    { at: minute(5), set: wholeSet() },
    { at: minute(15), scale: 2, set: wholeSet() },
    { at: minute(25), scale: 2, set: wholeSet() },
  ],
  drugs: [
    {
      at: minute(6),
      given: { drug: "Aspirin", dose: { value: "300", unit: "mg" }, route: "oral" },
      giver: { name: "Testcase Driver" },
      witness: { name: "Testcase Driver" },
    },
  ],
  ecg: { taken: true, at: minute(7), says: "ST elevation in II, III, aVF" },
  outcome: "see-and-convey",
  handover: { at: minute(50), to: "Sister Testcase", role: "Nurse", where: "Southgate ED" },
  notes: "Daughter has the keys",
});
const number = "NM-48210001-007-38";
const by = { userId: "n-field", name: "Jo Field" };

const written = (about?: string) => {
  const sample = sampleEntries();
  return entriesOfPaper({ form, number, by, about, demonstration: true }).map(
    ({ kind, body, occurredAt, author, ref }) => ({
      ...sample.add(kind, body, { at: occurredAt, ...(ref && { ref }) }),
      author,
    }),
  );
};

describe("a form as entries", () => {
  test("each fits its kind, names the author on the paper, who transcribed it and from which number", () => {
    for (const entry of written()) {
      expect(paperKinds).toContain(entry.kind);
      expect(readBody(entry), entry.kind).not.toBeNull();
      expect(entry.author).toMatchObject({
        userId: "staff NM1234",
        signIn: "none",
        transcribedBy: { ...by, paper: number },
      });
    }
  });

  test("folds to the record that a tablet would have made", () => {
    const record = fold(written());
    expect(record.patient?.body.familyName).toBe("Testcase");
    expect(record.allergies?.body.allergies).toEqual({ no: "refused" });
    expect(record.observations.map(({ entry }) => entry.occurredAt)).toEqual([minute(5), minute(15), minute(25)]);
    // Circled on the form, scale 2 counts from there on, and is decided once.
    const scales = record.observations.map(({ entry }) => spo2ScaleAt(record, entry.occurredAt));
    expect(scales).toEqual([1, 2, 2]);
    expect(written().filter(({ kind }) => kind === "spo2-scale")).toHaveLength(1);
    expect(record.drugs[0]?.known.body.witness?.name).toBe("Testcase Driver");
    expect(lineText(record.drugs[0]!, record).detail).toContain("given by Testcase Driver");
    expect(record.milestones).toHaveLength(2);
    expect(record.incident?.body).toMatchObject({ cadNumber: "CAD-771", demonstration: true });
  });

  test("a form about a record that was made meanwhile points at it, and tells no second incident", () => {
    const entries = written("00000000-0000-7000-8000-000000000009");
    expect(entries[0]?.ref).toMatchObject({ rel: "about", id: "00000000-0000-7000-8000-000000000009" });
    expect(entries.map(({ kind }) => kind)).not.toContain("incident");
  });

  test("goes back to the form it was, to be typed on", () => {
    expect(paperOfEntries(written())).toEqual(form);
    expect(paperOfEntries(written("00000000-0000-7000-8000-000000000009"))).toMatchObject({ callSign: "", crew: [] });
    expect(paperOfEntries(written().slice(1))).toBeUndefined();
  });
});

describe("a time on paper", () => {
  test("is UK time, also in summer", () => {
    expect(paperInstant("2026-01-15", "14:05")).toBe("2026-01-15T14:05:00.000Z");
    expect(paperInstant("2026-07-15", "14:05")).toBe("2026-07-15T13:05:00.000Z");
    expect(dateAndTime("2026-07-15T13:05:00.000Z")).toEqual({ date: "2026-07-15", time: "14:05" });
  });
  test("of the repeated hour is the first, of the hour left out is none", () => {
    expect(paperInstant("2026-10-25", "01:30")).toBe("2026-10-25T00:30:00.000Z");
    expect(paperInstant("2026-03-29", "01:30")).toBeUndefined();
    expect(paperInstant("2026-02-31", "10:00")).toBeUndefined();
    expect(paperInstant("2026-02-01", "")).toBeUndefined();
  });
  test("and a date is day first, and must be on the calendar", () => {
    for (const typed of ["01/02/1950", "1.2.1950", "01 02 1950", "01021950"])
      expect(paperDate(typed)).toBe("1950-02-01");
    for (const typed of ["31/02/1950", "02/13/1950", "1950-02-01", "1/2/50", ""])
      expect(paperDate(typed)).toBeUndefined();
    expect(paperDateText("1950-02-01")).toBe("01/02/1950");
  });
  test("after midnight is of the day after", () => {
    const first = paperInstant("2026-01-15", "23:40")!;
    expect(paperTime("2026-01-15", "00:20", first)).toBe("2026-01-16T00:20:00.000Z");
    expect(paperTime("2026-01-15", "23:10", first)).toBe("2026-01-15T23:10:00.000Z");
  });
});
