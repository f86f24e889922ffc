import { expect, it } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import { logLines, sampleContext } from "#test/fhir/sample-document.ts";
import { reading, type SampleOptions, sampleEntries } from "#test/sample-entries.ts";
import { type PageTable, pageModel } from "./page-model.ts";

const student: SampleOptions = { name: "Sam Testcase", role: "Student", coSign: "needed" };

const printed = (...entries: Entry[]) => {
  const { blocks } = pageModel(logLines(entries), "Northmoor", sampleContext.now);
  const tables = blocks.filter((block): block is PageTable => block.block === "table");
  const notes = tables.map(({ heading, rows }) => [heading.split(":")[0], rows.map(({ note = "" }) => note).join("")]);
  return {
    warnings: JSON.stringify(blocks.find(({ block }) => block === "warning")),
    notes: Object.fromEntries(notes),
  };
};

it("the printed page says of a student's entries that they await a co-signature, wherever their author stands", () => {
  const make = sampleEntries();
  const set = make.add("observations", { pulse: reading("80") }, student);
  const drug = make.add("drug", { drug: "Aspirin" }, student);
  const unsigned = printed(set, drug);
  expect(unsigned.warnings).toContain("2 entries by Sam Testcase (student) await a co-signature.");
  expect(Object.keys(unsigned.notes)).toEqual(["Observations", "Drugs given", "Timeline"]);
  for (const note of Object.values(unsigned.notes)) expect(note).toContain("Awaiting co-signature.");

  const signed = printed(set, drug, make.add("co-signature", { entries: [set.id, drug.id] }));
  expect(signed.warnings).not.toContain("co-signature");
  for (const note of Object.values(signed.notes)) expect(note).toContain("Co-signed by Demo Medic 15 Jan 2026 10:03.");
});
