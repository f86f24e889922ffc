import { expect, test } from "vitest";
import { observations } from "#domain/observations/observations.ts";
import { describeReal, realMonitorFiles } from "#test/real-data.ts";
import { setsFromNumerics } from "./vitals.ts";
import { readWfdb } from "./wfdb.ts";

const startsAtMs = Date.parse("2026-11-22T10:44:18.529Z");
const read = (name: string) => readWfdb(realMonitorFiles(`${name}.hea`)!, realMonitorFiles);

describeReal("72 minutes of a real monitor", () => {
  const sets = () => setsFromNumerics(read("s25047-2704-05-04-10-44n"), read("s25047-2704-05-04-10-44"), startsAtMs);

  test("every reading and every gap of the file is found, counted by hand", () => {
    const found = sets();
    const counts = (vital: "heartRate" | "pulse" | "respirations" | "spo2" | "systolic" | "diastolic") => ({
      readings: found.filter((set) => set.body[vital] !== undefined).length,
      gaps: found.flatMap((set) => set.gaps).filter((gap) => gap.vital === vital).length,
    });
    expect(found).toHaveLength(72);
    expect(counts("heartRate")).toEqual({ readings: 44, gaps: 28 });
    expect(counts("pulse")).toEqual({ readings: 64, gaps: 8 });
    expect(counts("respirations")).toEqual({ readings: 67, gaps: 5 });
    expect(counts("spo2")).toEqual({ readings: 61, gaps: 11 });
    expect(counts("systolic")).toEqual({ readings: 18, gaps: 54 });
    expect(counts("diastolic")).toEqual({ readings: 18, gaps: 54 });
  });

  test("no heart rate of 0 is a reading: in all 28 minutes the wave lives", () => {
    const gaps = sets().flatMap((set) => set.gaps.filter((gap) => gap.vital === "heartRate"));
    expect(new Set(gaps.map((gap) => gap.why))).toEqual(new Set(["zero-against-wave"]));
    expect(sets().filter((set) => set.alert !== null)).toEqual([]);
  });

  test("digits, times and what a monitor cannot know", () => {
    const found = sets();
    expect(found[0]!.body).toEqual({
      heartRate: { value: "101.3", at: "2026-11-22T10:44:18.529Z", from: "monitor" },
      respirations: { value: "16.5", at: "2026-11-22T10:44:18.529Z", from: "monitor" },
    });
    expect(found[10]!.body.spo2).toEqual({ value: "100.0", at: "2026-11-22T10:54:18.529Z", from: "monitor" });
    expect(found[24]!.body.systolic).toMatchObject({ value: "147" });
    for (const { body } of found) {
      expect(observations.safeParse(body).success).toBe(true);
      expect(body).not.toHaveProperty("acvpu");
      expect(body).not.toHaveProperty("inspired");
      expect(body).not.toHaveProperty("temperature");
    }
  });
});
