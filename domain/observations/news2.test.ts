import { describe, expect, test } from "vitest";
import { minute, reading, recordOf, sampleEntries, wholeSet } from "#test/sample-entries.ts";
import { type News2Parameter, news2Of, scoreNews2 } from "./news2.ts";
import type { Observations } from "./observations.ts";
import { news2Population } from "./population.ts";

const set = (parts: Record<string, unknown>): Observations => wholeSet(parts) as Observations;
const oxygen = { inspired: { is: "oxygen", from: "hand" } };

/** Royal College of Physicians 2017, both sides of every boundary: [value, score]. */
const table: [parameter: News2Parameter, scale: 1 | 2, more: Record<string, unknown>, rows: [string, number][]][] = [
  [
    "respirations",
    1,
    {},
    [
      ["0", 3],
      ["8", 3],
      ["9", 1],
      ["11", 1],
      ["12", 0],
      ["20", 0],
      ["21", 2],
      ["24", 2],
      ["25", 3],
      ["60", 3],
    ],
  ],
  [
    "spo2",
    1,
    {},
    [
      ["70", 3],
      ["91", 3],
      ["92", 2],
      ["93", 2],
      ["94", 1],
      ["95", 1],
      ["96", 0],
      ["100", 0],
    ],
  ],
  [
    "spo2",
    1,
    oxygen,
    [
      ["91", 3],
      ["92", 2],
      ["95", 1],
      ["96", 0],
      ["100", 0],
    ],
  ],
  [
    "spo2",
    2,
    {},
    [
      ["83", 3],
      ["84", 2],
      ["85", 2],
      ["86", 1],
      ["87", 1],
      ["88", 0],
      ["92", 0],
      ["93", 0],
      ["97", 0],
      ["100", 0],
    ],
  ],
  [
    "spo2",
    2,
    oxygen,
    [
      ["83", 3],
      ["84", 2],
      ["85", 2],
      ["86", 1],
      ["87", 1],
      ["88", 0],
      ["92", 0],
      ["93", 1],
      ["94", 1],
      ["95", 2],
      ["96", 2],
      ["97", 3],
      ["100", 3],
    ],
  ],
  [
    "systolic",
    1,
    {},
    [
      ["0", 3],
      ["90", 3],
      ["91", 2],
      ["100", 2],
      ["101", 1],
      ["110", 1],
      ["111", 0],
      ["219", 0],
      ["220", 3],
      ["300", 3],
    ],
  ],
  [
    "pulse",
    1,
    {},
    [
      ["0", 3],
      ["40", 3],
      ["41", 1],
      ["50", 1],
      ["51", 0],
      ["90", 0],
      ["91", 1],
      ["110", 1],
      ["111", 2],
      ["130", 2],
      ["131", 3],
    ],
  ],
  [
    "temperature",
    1,
    {},
    [
      ["30.0", 3],
      ["35.0", 3],
      ["35.1", 1],
      ["36.0", 1],
      ["36.1", 0],
      ["37.5", 0],
      ["38.0", 0],
      ["38.1", 1],
      ["39.0", 1],
      ["39.1", 2],
      ["42.0", 2],
    ],
  ],
];

describe("the chart", () => {
  const rows = table.flatMap(([parameter, scale, more, values]) =>
    values.map(([value, score]) => ({ parameter, scale, more, value, score })),
  );
  test.each(rows)("$parameter $value on scale $scale scores $score", ({ parameter, scale, more, value, score }) => {
    expect(scoreNews2(set({ ...more, [parameter]: reading(value) }), scale).parts[parameter]?.score).toBe(score);
  });

  test.each([
    ["A", 0],
    ["C", 3],
    ["V", 3],
    ["P", 3],
    ["U", 3],
  ])("consciousness %s scores %i", (is, score) => {
    expect(scoreNews2(set({ acvpu: { is, from: "hand" } }), 1).parts.acvpu?.score).toBe(score);
  });

  test("oxygen scores 2, air 0", () => {
    expect(scoreNews2(set(oxygen), 1)).toMatchObject({ total: 2, parts: { inspired: { score: 2, text: "oxygen" } } });
    expect(scoreNews2(set({}), 1)).toMatchObject({ total: 0, risk: "low" });
  });

  test.each([
    ["35.05", 1],
    ["35.04", 3],
    ["36.05", 0],
    ["36.04", 1],
    ["38.049", 0],
    ["38.05", 1],
  ])("temperature %s is rounded half up to a tenth", (value, score) => {
    expect(scoreNews2(set({ temperature: reading(value) }), 1).parts.temperature?.score).toBe(score);
  });

  test.each([
    ["20.4", 0],
    ["20.5", 2],
  ])("respirations %s are rounded half up to a whole one", (value, score) => {
    expect(scoreNews2(set({ respirations: reading(value) }), 1).parts.respirations?.score).toBe(score);
  });
});

describe("the total", () => {
  // The NHS's published FHIR examples score 37.5 °C as 1 and this set as 6; the chart gives 0 and 5.
  test("37.5 °C scores 0, and the set 5", () => {
    const score = scoreNews2(
      set({ respirations: reading("23"), spo2: reading("95"), temperature: reading("37.5"), pulse: reading("115") }),
      1,
    );
    expect(score).toMatchObject({ complete: true, total: 5, risk: "medium", parts: { temperature: { score: 0 } } });
  });

  test.each([
    [{}, "low"],
    [{ respirations: reading("9"), pulse: reading("91"), ...oxygen }, "low"],
    [{ acvpu: { is: "C", from: "hand" } }, "low-medium"],
    [{ acvpu: { is: "C", from: "hand" }, ...oxygen }, "medium"],
    [{ acvpu: { is: "U", from: "hand" }, ...oxygen, pulse: reading("115") }, "high"],
  ])("%j is risk %s", (parts, risk) => {
    expect(scoreNews2(set(parts), 1)).toMatchObject({ complete: true, risk });
  });
});

describe("a partial set", () => {
  test.each(["respirations", "spo2", "inspired", "systolic", "pulse", "acvpu", "temperature"] as const)(
    "without %s has no total",
    (parameter) => {
      const { [parameter]: _, ...rest } = set({});
      expect(scoreNews2(rest, 1)).toMatchObject({ complete: false, atLeast: 0, missing: [parameter] });
      const refused = { ...rest, [parameter]: { notDone: "refused" } } as Observations;
      expect(scoreNews2(refused, 1)).toMatchObject({ complete: false, missing: [parameter] });
    },
  );

  test("says at least how much, and whether a single 3 is in it", () => {
    expect(scoreNews2({ respirations: { value: "30", from: "hand" } }, 1)).toMatchObject({
      complete: false,
      atLeast: 3,
      single3: true,
      missing: ["spo2", "inspired", "systolic", "pulse", "acvpu", "temperature"],
    });
  });

  test("on scale 2 a high saturation waits for air or oxygen", () => {
    const { inspired: _, ...rest } = set({ spo2: reading("97") });
    expect(scoreNews2(rest, 2)).toMatchObject({ complete: false, atLeast: 0, missing: ["inspired"] });
    expect(scoreNews2(rest, 2).parts.spo2).toBeUndefined();
    expect(scoreNews2({ ...rest, spo2: { value: "85", from: "hand" } }, 2).parts.spo2?.score).toBe(2);
  });

  test("takes the heart rate where no pulse was felt, and never an impossible value", () => {
    const { pulse: _, ...rest } = set({ heartRate: reading("120") });
    expect(scoreNews2(rest, 1)).toMatchObject({ complete: true, parts: { pulse: { score: 2 } } });
    expect(scoreNews2(set({ spo2: reading("150") }), 1)).toMatchObject({ complete: false, missing: ["spo2"] });
    expect(scoreNews2(set({ respirations: reading("-1") }), 1)).toMatchObject({ missing: ["respirations"] });
  });
});

describe("for whom", () => {
  const at = "2026-01-15T10:00:00.000Z";
  test.each([
    [undefined, "age-not-known"],
    [{ birthDate: { is: "2010-01-15" } }, "adult"],
    [{ birthDate: { is: "2010-01-16" } }, "under-16"],
    [{ ageYears: 16 }, "adult"],
    [{ ageYears: 15, pregnant: { is: true } }, "under-16"],
    [{ birthDate: { is: "1950-01-01" }, ageGroup: "child" }, "adult"],
    [{ birthDate: { no: "not-known" }, ageGroup: "child" }, "under-16"],
    [{ ageGroup: "adult" }, "adult"],
    [{ ageYears: 30, pregnant: { is: true } }, "pregnant"],
    [{ ageYears: 30, pregnant: { no: "not-known" } }, "adult"],
    [{ birthDate: { is: "2030-01-01" } }, "age-not-known"],
  ] as const)("%j: %s", (patient, population) => {
    expect(news2Population(patient && { identity: "stated", ...patient }, at)).toBe(population);
  });

  test("a child and a pregnant patient get no score at all", () => {
    for (const patient of [{ ageYears: 4 }, { ageYears: 30, pregnant: { is: true } }]) {
      const make = sampleEntries();
      const record = recordOf(
        make.add("patient", { identity: "stated", ...patient }),
        make.add("observations", wholeSet()),
      );
      expect(news2Of(record, record.observations[0]!)).toEqual({
        notFor: patient.ageYears === 4 ? "under-16" : "pregnant",
      });
    }
  });
});

describe("of a record", () => {
  const adult = (make: ReturnType<typeof sampleEntries>) =>
    make.add("patient", { identity: "unknown", ageGroup: "adult" });

  test("each set uses the SpO2 scale that was decided at its time", () => {
    const make = sampleEntries();
    const low = wholeSet({ spo2: reading("88") });
    const record = recordOf(
      adult(make),
      make.add("observations", low, { at: minute(10) }),
      make.add(
        "spo2-scale",
        { scale: 2, decidedBy: "Dr Demo", basis: "confirmed hypercapnic failure" },
        { at: minute(20) },
      ),
      make.add("observations", low, { at: minute(30) }),
    );
    expect(record.observations.map((line) => news2Of(record, line))).toMatchObject([{ total: 3 }, { total: 0 }]);
  });

  test("a struck decision leaves scale 1", () => {
    const make = sampleEntries();
    const decision = make.add("spo2-scale", { scale: 2, decidedBy: "Dr Demo", basis: "COPD" });
    const record = recordOf(
      adult(make),
      decision,
      make.strike(decision),
      make.add("observations", wholeSet({ spo2: reading("88") })),
    );
    expect(news2Of(record, record.observations[0]!)).toMatchObject({ total: 3 });
  });

  test("a reading from another time is not part of the set", () => {
    const make = sampleEntries();
    const record = recordOf(
      adult(make),
      make.add(
        "observations",
        wholeSet({ temperature: reading("37.0", minute(0)), pulse: reading("70", minute(45)) }),
        { at: minute(50) },
      ),
    );
    expect(news2Of(record, record.observations[0]!)).toMatchObject({ complete: false, missing: ["temperature"] });
  });
});
