import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formsMax, numbersOfPack, readPaperNumber } from "#domain/paper/number.ts";
import { pictureOfPage } from "#test/printed-page.ts";
import { readSymbol } from "#ui/film/read-symbol.ts";
import { takeFromRange } from "../paper/machine-ranges.ts";
import { paperPackPdf } from "./paper-pack.ts";

const hasPdfToText = spawnSync("pdftotext", ["-v"]).error === undefined;
if (!hasPdfToText) console.warn("pdftotext (Debian's poppler-utils) is not here: the forms are not read back.");
const describePrinted = hasPdfToText ? describe : describe.skip;

const folder = mkdtempSync(join(tmpdir(), "holdfast-ranges-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const printed = { trustName: "Northmoor Ambulance Service", printedAt: "2026-01-15T10:00:00.000Z", isAlone: false };
const contacts = [{ who: "Duty manager", how: "01632 960 001", when: "first" }];
const print = (pack: string, forms: number) => paperPackPdf({ ...printed, pack, forms, contacts });
const pagesOf = (pdf: Buffer): string[] => {
  const { stdout, status } = spawnSync("pdftotext", ["-raw", "-", "-"], { input: pdf, maxBuffer: 50_000_000 });
  expect(status).toBe(0);
  return stdout.toString("utf8").split("\f").slice(0, -1);
};

describePrinted("a printed pack", () => {
  test("has every number on its cover and on both pages of its form, and no other", async () => {
    const pack = "NM-48210007";
    const forms = 30;
    const numbers = numbersOfPack({ pack, forms });
    expect(numbers.map((text) => "number" in readPaperNumber(text))).toEqual(numbers.map(() => true));
    const pages = pagesOf(await print(pack, forms));
    expect(pages).toHaveLength(2 + 2 * forms);
    for (const [i, number] of numbers.entries()) {
      expect(pages[0]).toContain(number);
      for (const page of [pages[2 + 2 * i], pages[3 + 2 * i]])
        expect(page!.match(/[A-Z]{2}-\d{8,13}-\d{3}-\d{2}/g)).toEqual([number]);
    }
    expect(pages[1]).toContain("01632 960 001");
    for (const section of ["CAD or incident number", "How sure who it is", "Not asked", "NEWS2 total", "Main concern"])
      expect(pages[2]).toContain(section);
    for (const section of [
      "Witness: name",
      "ECG recorded",
      "Handed over to",
      "Staff number",
      "Royal College of Physicians",
    ])
      expect(pages[3]).toContain(section);
  });

  test("has its form's number as a code that a camera reads off the paper, whichever kind of pack it is", async () => {
    for (const pack of ["NM-48210007", "NM-9482109375001"]) {
      const read = readSymbol(pictureOfPage(await print(pack, 1), 3));
      expect([Buffer.from(read ?? []).toString()]).toEqual(numbersOfPack({ pack, forms: 1 }));
    }
  });

  test("of the longest kind fits, with the numbers going on to a second cover page", async () => {
    const pack = "NM-9482109375001";
    const pages = pagesOf(await print(pack, formsMax));
    expect(pages.length).toBeGreaterThan(2 + 2 * formsMax);
    const covers = pages.slice(0, pages.length - 2 * formsMax).join("");
    expect(numbersOfPack({ pack, forms: formsMax }).filter((number) => !covers.includes(number))).toEqual([]);
  });
});

describe("a machine's own range", () => {
  test("gives each pack once, also to a copy of its directory on another machine", () => {
    const file = join(folder, "northmoor.json");
    const packs = ["one", "one", "two", "one", "two"].map((host) => takeFromRange(file, "NM", 10, host).id);
    expect(new Set(packs).size).toBe(5);
    expect(new Set(packs.map((id) => id.slice(0, 13))).size).toBe(2);
    const numbers = packs.flatMap((pack) => numbersOfPack({ pack, forms: 10 }));
    expect(new Set(numbers).size).toBe(50);
  });

  test("is given again after somebody who was taking from it was cut off", () => {
    const file = join(folder, "westvale.json");
    const [lock, long] = [`${file}.lock`, new Date(Date.now() - 120_000)];
    mkdirSync(lock);
    utimesSync(lock, long, long);
    const packs = [1, 2].map(() => takeFromRange(file, "WV", 10).id);
    expect(new Set(packs).size).toBe(2);
    expect(existsSync(lock)).toBe(false);
  });
});
