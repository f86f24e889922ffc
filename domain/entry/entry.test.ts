import { describe, expect, test } from "vitest";
import { minute, recordOf, sampleEntries, wholeSet } from "#test/sample-entries.ts";
import { clockText } from "./clock.ts";
import { lineText } from "./compose.ts";
import { addDecimals, compareDecimals, roundedTo, shiftDecimal } from "./decimal.ts";
import { longestWithin } from "./longest-within.ts";

describe("decimals", () => {
  test("round half away from zero to a chart's precision", () => {
    expect(["36.05", "36.049", "36", "36.1", "-0.05"].map((value) => roundedTo(value, 1))).toEqual([
      361, 360, 360, 361, -1,
    ]);
  });
  test("add, shift and compare exactly", () => {
    expect(addDecimals("0.1", "0.20")).toBe("0.30");
    expect(addDecimals("-1.5", "1")).toBe("-0.5");
    expect([shiftDecimal("0.4", 3), shiftDecimal("400", -3), shiftDecimal("1.25", 1)]).toEqual([
      "400",
      "0.400",
      "12.5",
    ]);
    expect([compareDecimals("36.0", "36"), compareDecimals("9", "10"), compareDecimals("-1", "0")]).toEqual([
      0, -1, -1,
    ]);
  });
});

describe("the clock on the wall", () => {
  test.each([
    ["2026-01-15T10:05:00.000Z", "10:05"],
    ["2026-07-15T10:05:00.000Z", "11:05"],
    ["2026-10-25T00:30:00.000Z", "01:30 BST"],
    ["2026-10-25T01:30:00.000Z", "01:30 GMT"],
    ["2026-10-25T02:30:00.000Z", "02:30"],
    ["soon", "soon"],
  ])("%s is %s", (at, text) => expect(clockText(at)).toBe(text));
});

test("a text that is too long ends in an ellipsis and never in half a letter", () => {
  expect(longestWithin("abcdef", 6)).toBe("abcdef");
  expect(longestWithin("abcdefg", 6)).toBe("abcde…");
  expect(longestWithin("abcd😀fg", 6)).toBe("abcd…");
});

describe("one way to say each kind", () => {
  const site = { siteId: "north-ed", name: "North ED" };
  test.each([
    [
      "drug",
      { drug: "GTN", dose: { value: "400", unit: "ug" }, route: "sublingual" },
      "GTN 400 microgram, sublingual",
      "",
    ],
    ["drug", { drug: "Aspirin", givenBy: "patient" }, "Aspirin", "dose not recorded · the patient's own dose"],
    ["milestone", { milestone: "at-scene" }, "At scene", ""],
    ["note", { text: "Found on floor" }, "Note", "Found on floor"],
    ["allergies", { allergies: { no: "refused" } }, "Allergies", "Allergies: refused to say"],
    ["destination", { site, eta: minute(30), outcome: "see-and-convey" }, "To North ED", "See & Convey · ETA 10:30"],
    ["prealert", { site, concern: "Stroke", needs: ["CT"] }, "Pre-alert to North ED", "Stroke · CT"],
    ["ecg", { leads: ["I"], samplesPerSecond: 500, samplesPerLead: 0 }, "ECG · 1 lead", "recording not attached"],
    ["acceptance", { site, acceptedBy: "Sister Demo", seen: {} }, "Accepted by Sister Demo", "North ED"],
    ["x-ray", {}, "Entry of a kind this version does not know (x-ray v1)", ""],
  ])("%s %j", (kind, body, title, detail) => {
    const record = recordOf(sampleEntries().add(kind, body));
    expect(lineText(record.lines[0]!, record)).toEqual({ title, detail });
  });

  test("observations carry their score, or why there is none", () => {
    const make = sampleEntries();
    const set = make.add("observations", wholeSet());
    const unknownAge = recordOf(set);
    expect(lineText(unknownAge.lines[0]!, unknownAge).title).toBe("Observations · NEWS2 needs adult or child");
    const adult = recordOf(set, make.add("patient", { identity: "unknown", ageGroup: "adult" }));
    expect(lineText(adult.lines[0]!, adult)).toEqual({
      title: "Observations · NEWS2 0",
      detail: "RR 16 /min · SpO₂ 97 % on air · BP 120/80 mmHg · Pulse 70 /min · Alert · 37.0 °C",
    });
  });
});
