import { expect, test } from "vitest";
import { logLines, samplePatient } from "#test/fhir/sample-document.ts";
import { minute, sampleEntries, sampleId } from "#test/sample-entries.ts";
import { redactedCopy, type Withheld } from "./redacted-copy.ts";

const of = (entries: ReturnType<typeof sampleShift>, ...withheld: Withheld[]) =>
  redactedCopy(logLines(entries.all), withheld, "Northmoor Ambulance Service", minute(75));
const sampleShift = () => {
  const { add, amend, strike } = sampleEntries();
  const patient = add("patient", samplePatient);
  const first = add("note", { text: "Neighbour PLANTED-FIRST let us in" });
  const amended = amend(first, { text: "Neighbour PLANTED-SECOND let us in" });
  const other = add("note", { text: "PLANTED-OTHER pain since noon" });
  const gone = add("note", { text: "PLANTED-STRUCK wrong patient" });
  const struck = strike(gone, { reason: "PLANTED-REASON another patient's" });
  return { all: [patient, first, amended, other, gone, struck], first, other, gone };
};
const why = "About somebody else";

test("what is withheld is in no version of the copy, and the copy says that something is missing, when it was and why", () => {
  const shift = sampleShift();
  const whole = JSON.stringify(of(shift));
  for (const planted of ["PLANTED-SECOND", "PLANTED-OTHER", "PLANTED-STRUCK"]) expect(whole).toContain(planted);
  const copy = of(shift, { rootId: shift.first.id, reason: why });
  const text = JSON.stringify(copy);
  expect(text).not.toContain("PLANTED-FIRST");
  expect(text).not.toContain("PLANTED-SECOND");
  expect(text).toContain("PLANTED-OTHER");
  expect(copy?.title).toMatch(/parts withheld/);
  expect(copy?.blocks[0]).toMatchObject({ block: "warning", lines: [expect.stringMatching(/^1 line was withheld/)] });
  expect(copy?.blocks.at(-1)).toMatchObject({
    heading: "Withheld from this copy",
    rows: [{ cells: [expect.stringMatching(/\d/), why] }],
  });
});

test("a struck line is withheld with what struck it, whose reason may tell of it", () => {
  const shift = sampleShift();
  expect(JSON.stringify(of(shift))).toContain("PLANTED-REASON");
  const text = JSON.stringify(of(shift, { rootId: shift.gone.id, reason: why }));
  expect(text).not.toMatch(/PLANTED-STRUCK|PLANTED-REASON/);
});

test("a copy with nothing left is none, and one that withholds what is not there says so all the same", () => {
  const { add } = sampleEntries();
  const only = add("note", { text: "The only line" });
  expect(redactedCopy(logLines([only]), [{ rootId: only.id, reason: why }], "Trust", minute(75))).toBeNull();
  const copy = redactedCopy(logLines([only]), [{ rootId: sampleId(77), reason: why }], "Trust", minute(75));
  expect(copy?.blocks.at(-1)).toMatchObject({ rows: [{ cells: ["", why] }] });
});
