import { expect, test } from "vitest";
import { monitorSet } from "./vitals.ts";
import { waveStateAt } from "./wave-state.ts";
import type { WfdbRecord } from "./wfdb.ts";

const atMs = Date.parse("2026-11-22T10:00:00.000Z");

test.each([-1, -100, -999, -99.9, 8_388_607, -32_768])("%d is a gap, as sent and as scaled", (value) => {
  for (const scale of [1, 10]) {
    const set = monitorSet(atMs, [{ vital: "spo2", raw: value * scale, scale }], "living");
    expect(set.body).toEqual({});
    expect(set.gaps).toEqual([{ at: "2026-11-22T10:00:00.000Z", vital: "spo2", why: "sentinel" }]);
  }
  expect(monitorSet(atMs, [{ vital: "systolic", raw: value, scale: 10 }], "none").body).toEqual({});
});

test("heart rate 0 is a gap against a living wave and without a wave", () => {
  const zero = [{ vital: "heartRate", raw: 0, scale: 10 } as const];
  expect(monitorSet(atMs, zero, "living").gaps[0]!.why).toBe("zero-against-wave");
  expect(monitorSet(atMs, zero, "none").gaps[0]!.why).toBe("zero-without-wave");
});

test("heart rate 0 on a flat line is kept and says to check the patient", () => {
  const set = monitorSet(atMs, [{ vital: "heartRate", raw: 0, scale: 10 }], "flat");
  expect(set.body.heartRate).toEqual({ value: "0.0", at: "2026-11-22T10:00:00.000Z", from: "monitor" });
  expect(set.alert?.event).toBe("Possible asystole: check patient");
});

test("a reading keeps the digits that its scale gives it", () => {
  const value = (raw: number, scale: number) =>
    monitorSet(atMs, [{ vital: "pulse", raw, scale }], "none").body.pulse as { value: string };
  expect(value(970, 10).value).toBe("97.0");
  expect(value(97, 1).value).toBe("97");
  expect(value(2770, 10).value).toBe("277.0");
});

const recordOf = (samples: Int16Array, gaps: { from: number; to: number }[] = []): WfdbRecord => ({
  name: "test",
  samplesPerSecond: 100,
  samples: samples.length,
  time: null,
  date: null,
  comments: [],
  segments: [
    {
      from: 0,
      to: samples.length,
      signals: [
        {
          file: "t.dat",
          format: 16,
          gain: 200,
          calibrated: true,
          baseline: 0,
          unit: "mV",
          adcZero: 0,
          firstValue: null,
          checksum: null,
          name: "II",
          byteOffset: 0,
          samples,
          gaps,
        },
      ],
    },
  ],
});

test("a wave lives by its swing, is flat without one, and is none where leads were off", () => {
  const beats = Int16Array.from({ length: 2000 }, (_, i) => (i % 100 === 0 ? 200 : 0));
  const noise = Int16Array.from({ length: 2000 }, (_, i) => i % 5);
  const tenSeconds = atMs + 10_000;
  expect(waveStateAt(recordOf(beats), atMs, tenSeconds)).toBe("living");
  expect(waveStateAt(recordOf(noise), atMs, tenSeconds)).toBe("flat");
  expect(waveStateAt(recordOf(noise, [{ from: 0, to: 900 }]), atMs, tenSeconds)).toBe("none");
  expect(waveStateAt(recordOf(noise), atMs, atMs + 60_000)).toBe("none");
});
