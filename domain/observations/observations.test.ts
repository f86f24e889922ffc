import { describe, expect, test } from "vitest";
import { reading } from "#test/sample-entries.ts";
import { gcsText, gcsTotal } from "./gcs.ts";
import { oddities } from "./oddities.ts";
import { setParts } from "./set-text.ts";

describe("GCS", () => {
  test("adds, and has no total where a part was not tested", () => {
    expect(gcsTotal({ eye: 4, verbal: 5, motor: 6 })).toBe(15);
    expect(gcsTotal({ eye: 1, verbal: 1, motor: 1 })).toBe(3);
    expect(gcsTotal({ eye: 1, verbal: "T", motor: 4 })).toBeNull();
    expect(gcsTotal({ eye: "NT", verbal: 5, motor: 6 })).toBeNull();
    expect(gcsText({ eye: 1, verbal: "T", motor: 4 })).toBe("GCS E1 VT M4");
    expect(gcsText({ eye: 3, verbal: 4, motor: 6 })).toBe("GCS 13 (E3 V4 M6)");
  });
});

describe("oddities", () => {
  test("an ordinary set has none", () => {
    expect(oddities({ spo2: reading("96"), systolic: reading("120"), diastolic: reading("80") })).toEqual([]);
  });
  test.each([
    [{ spo2: reading("101") }, "not possible"],
    [{ temperature: reading("98.6") }, "°F"],
    [{ temperature: reading("368") }, "decimal point"],
    [{ temperature: reading("29.9") }, "unusual"],
    [{ pulse: reading("-1") }, "not possible"],
    [{ pain: reading("11") }, "not possible"],
    [{ systolic: reading("80"), diastolic: reading("120") }, "swapped"],
  ])("%j: %s", (obs, message) => {
    expect(
      oddities(obs)
        .map((oddity) => oddity.message)
        .join(),
    ).toContain(message);
  });
});

test("a set is said with its units, its digits and what was not done", () => {
  expect(
    setParts({
      spo2: reading("91"),
      inspired: { is: "oxygen", from: "hand" },
      oxygenFlow: reading("4"),
      systolic: reading("90"),
      temperature: reading("36.0"),
      pain: reading("7"),
      glucose: { notDone: "refused" },
      acvpu: { notDone: "not-possible", why: "asleep" },
    }),
  ).toEqual([
    "SpO₂ 91 % on oxygen 4 L/min",
    "BP 90/– mmHg",
    "Consciousness not possible (asleep)",
    "36.0 °C",
    "Pain 7/10",
    "Blood glucose refused",
  ]);
});
