import { describe, expect, it } from "vitest";
import { describeUkCore } from "#test/fhir/definitions.ts";
import { isFound, parseKeepingDigits } from "#test/fhir/find-planted.ts";
import { plantedRecord } from "#test/fhir/planted-record.ts";
import { documentText } from "#test/fhir/sample-document.ts";
import { findingsIn } from "#test/fhir/validate.ts";
import { isLong } from "#test/sizes.ts";

const seeds = Array.from({ length: isLong ? 300 : 50 }, (_, at) => at + 1);

describe("values planted in random records", () => {
  it("are all found in the document by value, unit, time and author", () => {
    let count = 0;
    for (const seed of seeds) {
      const { entries, planted } = plantedRecord(seed);
      const bundle = parseKeepingDigits(documentText(entries));
      const lost = planted.filter((one) => !isFound(bundle, one));
      expect(lost, `seed ${seed}`).toEqual([]);
      count += planted.length;
    }
    expect(count).toBeGreaterThan(seeds.length * 10);
  });

  it("are missed when a digit, a unit, a minute or an author is another", () => {
    const { entries, planted } = plantedRecord(7);
    const bundle = parseKeepingDigits(documentText(entries));
    const vital = planted.find((one) => one.what === "vital")!;
    expect(isFound(bundle, vital)).toBe(true);
    for (const change of [
      { value: `${vital.value}0` },
      { unit: "ug" },
      { at: "2026-01-15T10:00:00.001Z" },
      { author: "Nobody" },
    ])
      expect(isFound(bundle, { ...vital, ...change }), JSON.stringify(change)).toBe(false);
  });
});

describeUkCore("documents of random records", () => {
  it("all validate against UK Core", { timeout: 120_000 + seeds.length * 20_000 }, () => {
    for (const seed of seeds)
      expect(findingsIn(JSON.parse(documentText(plantedRecord(seed).entries))), `seed ${seed}`).toEqual([]);
  });
});
