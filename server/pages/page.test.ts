import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { clockText } from "#domain/entry/clock.ts";
import type { Entry } from "#domain/entry/entry.ts";
import { quantityText } from "#domain/medication/dose.ts";
import type { EcgFile } from "#monitoring/ecg-file.ts";
import { pageModel } from "#sharing/page/page-model.ts";
import { whenText } from "#sharing/when.ts";
import { type Planted, plantedRecord } from "#test/fhir/planted-record.ts";
import { logLines, sampleIncident, samplePatient, sampleShift } from "#test/fhir/sample-document.ts";
import { pictureOfPage } from "#test/printed-page.ts";
import { minute, sampleEntries } from "#test/sample-entries.ts";
import { readSymbol } from "#ui/film/read-symbol.ts";
import { printable } from "./printable.ts";
import { renderPdf } from "./render-pdf.ts";

const hasPdfToText = spawnSync("pdftotext", ["-v"]).error === undefined;
if (!hasPdfToText) console.warn("pdftotext (Debian's poppler-utils) is not here: the printed page is not read back.");
const describePrinted = hasPdfToText ? describe : describe.skip;

const print = (entries: readonly Entry[], ecgs: ReadonlyMap<string, EcgFile> = new Map()) =>
  renderPdf(pageModel(logLines(entries), "Northmoor Ambulance Service", minute(75)), ecgs);
/** The pages' text in the order it was drawn, every run of white space as one space. */
const pagesOf = (pdf: Buffer): string[] => {
  const { stdout, status } = spawnSync("pdftotext", ["-raw", "-", "-"], { input: pdf, maxBuffer: 50_000_000 });
  expect(status).toBe(0);
  return stdout
    .toString("utf8")
    .split("\f")
    .slice(0, -1)
    .map((page) => page.replace(/\s+/g, " "));
};
const textOf = async (entries: readonly Entry[]) => pagesOf(await print(entries)).join(" ");

describePrinted("the printed page", () => {
  it("holds every planted value with its time and author", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { entries, planted } = plantedRecord(seed);
      const text = await textOf(entries);
      expect(
        planted.filter((one) => !isPrinted(text, one)),
        `seed ${seed}`,
      ).toEqual([]);
      const [vital] = planted.filter((one) => one.what === "vital");
      expect(isPrinted(text, { ...vital!, value: `${vital!.value}7` })).toBe(false);
    }
  });

  it("names the patient, the record, the page and the demonstration on every page", async () => {
    const { entries } = plantedRecord(3);
    const pages = pagesOf(await print(entries));
    expect(pages.length).toBeGreaterThan(2);
    for (const [at, page] of pages.entries()) {
      expect(page).toContain("DEMONSTRATION: invented patient, not for care");
      expect(page).toContain("Avis DEMO-HILL · 71 F · NHS 999 000 0018 · Identity traced");
      expect(page).toContain(`Page ${at + 1} of ${pages.length}`);
    }
  });

  it("says on every page of a standby's that it is one, and as of when", async () => {
    const { entries } = plantedRecord(3);
    const asOf = "2026-11-22T14:31:07.000Z";
    const model = pageModel(logLines(entries), "Northmoor Ambulance Service", minute(75), { asOf });
    const pages = pagesOf(await renderPdf(model, new Map()));
    for (const page of pages) expect(page).toContain("Printed from the standby: as of 22 Nov 2026 14:31:07");
    expect(pages[0]).toContain(
      "holds what the base had received by 22 Nov 2026 14:31:07, and what reached the standby",
    );
    expect(pages.length).toBe(pagesOf(await print(entries)).length);
    expect(await textOf(entries)).not.toContain("standby");
  });

  it("has a code that a camera reads off the paper: the summary and the record's id", async () => {
    const { entries } = plantedRecord(3);
    const read = readSymbol(pictureOfPage(await print(entries), 1));
    expect(Buffer.from(read ?? []).toString()).toContain(`record ${entries[0]!.recordId}`);
    expect(Buffer.from(read ?? []).toString()).toContain("Avis DEMO-HILL");
  });

  it("says what a real record is by saying nothing of a demonstration", async () => {
    const { add } = sampleEntries();
    const text = await textOf([
      add("incident", { ...sampleIncident, demonstration: false }),
      add("patient", samplePatient),
    ]);
    expect(text).not.toMatch(/demonstration/i);
  });

  it("opens with allergies and ATMIST, and keeps struck and amended words readable", async () => {
    const text = await textOf(sampleShift());
    expect(text.indexOf("Penicillin (Rash, mild)")).toBeLessThan(text.indexOf("Handover (ATMIST)"));
    expect(text.indexOf("Handover (ATMIST)")).toBeLessThan(text.indexOf("Attendance"));
    expect(text).toContain("Morphine 5 mg, IV");
    expect(text).toContain("Struck 15 Jan 2026 10:11 by Demo Medic: wrong patient.");
    expect(text).toContain("Amended by Demo Tech: typed wrongly. Before: Observations · NEWS2 1");
    expect(text).toContain("Accepted by Sister Demo");
  });

  it("runs a text longer than a page on, and loses none of it", async () => {
    const { add } = sampleEntries();
    const long = Array.from({ length: 2000 }, (_, at) => `word${at}`).join(" ");
    const text = await textOf([
      add("incident", sampleIncident),
      add("note", { text: long }),
      add("note", { text: "after" }),
    ]);
    for (const at of [0, 1, 1000, 1500, 1999]) expect(text).toContain(` word${at} `);
    expect(text).toContain("Note after");
  });

  it("spells names, and prints the code of a letter that it cannot draw", async () => {
    const { add } = sampleEntries();
    const patient = { ...samplePatient, familyName: "DEMO-Łukaszewska", givenName: "Ольга 山" };
    expect(await textOf([add("incident", sampleIncident), add("patient", patient)])).toContain(
      "Ольга [U+5C71] DEMO-Łukaszewska",
    );
  });

  it("draws an ECG that is here, and says so when it is not", async () => {
    const ecg: EcgFile = {
      samplesPerSecond: 250,
      samplesPerLead: 2500,
      leads: ["I", "II"].map((name) => ({
        name,
        unitsPerMillivolt: 200,
        zero: 0,
        samples: Int16Array.from({ length: 2000 }, (_, at) => (at % 250 < 5 ? 200 : 0)),
      })),
    };
    const entries = sampleShift();
    const with_ = pagesOf(await print(entries, new Map([["ab".repeat(32), ecg]]))).join(" ");
    expect(with_).toContain("25 mm/s · 10 mm/mV");
    expect(await textOf(entries)).toContain("the recording has not arrived at the base");
  });
});

it("keeps a code for what cannot be printed, and no direction marks", () => {
  expect(printable("a\u202eb\u0007≥")).toBe("a[U+202E]b[U+0007]>=");
});

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\<>&]/g, "\\$&");
const isPrinted = (text: string, planted: Planted): boolean => {
  if (!text.includes(planted.author)) return false;
  switch (planted.what) {
    case "vital": {
      // A reading of another minute than its set has its own time in brackets.
      const value = `(?<![\\d.])${escaped(planted.value)}(?![\\d.])`;
      const timed = new RegExp(`${value}(/10)?[^\\d(]{0,10}\\(${clockText(planted.at)}\\)`);
      const ofTheSet = new RegExp(`${escaped(whenText(planted.at))} ${escaped(planted.author)}.{0,120}${value}`);
      return timed.test(text) || ofTheSet.test(text);
    }
    case "drug":
      return text.includes(`${whenText(planted.at)} ${planted.drug} ${quantityText(planted)}`);
    case "allergy":
      return text.includes(
        `${whenText(planted.at)} Allergies ${planted.substance} (Rash) ${planted.author}, Paramedic`,
      );
    case "words":
      return text.includes(`${whenText(planted.at)} Note ${planted.words} ${planted.author}, Paramedic`);
  }
};
