import fc from "fast-check";
import { expect, test } from "vitest";
import { generateEcg } from "#demo/ecg-generator.ts";
import { type EcgFile, ecgGap, encodeEcg } from "#monitoring/ecg-file.ts";
import { layOutEcg } from "#monitoring/ecg-layout.ts";
import { filmEcgRate, packEcgCopy, unpackEcgCopy } from "./ecg-copy.ts";
import { BitReader, BitWriter, readWave, writeWave } from "./rice.ts";

const recording = generateEcg("inferior-stemi", "2026-11-22T14:33:00.000Z", 7);
const millivolts = (ecg: EcgFile, lead: string, at: number): number => {
  const { samples, zero, unitsPerMillivolt } = ecg.leads.find(({ name }) => name === lead)!;
  return (samples[at]! - zero) / unitsPerMillivolt;
};

test("a 12-lead at 500 Hz comes back at 250 Hz, says so on its paper, and fits a film", () => {
  expect(recording.samplesPerSecond).toBe(500);
  const packed = packEcgCopy(recording);
  const copy = unpackEcgCopy(packed)!;
  expect(copy.samplesPerSecond).toBe(filmEcgRate);
  expect(copy.leads.map(({ name }) => name).sort()).toEqual(recording.leads.map(({ name }) => name).sort());
  expect(copy.source).toContain("Film copy at 250 Hz of a recording at 500 Hz");
  expect(layOutEcg(copy, "3x4").legend).toContain("FILM COPY 250 Hz");
  expect(encodeEcg(copy).length).toBeGreaterThan(packed.length);
  for (const lead of ["II", "aVF", "V3"])
    for (let at = 20; at < copy.samplesPerLead - 20; at++)
      expect(Math.abs(millivolts(copy, lead, at) - millivolts(recording, lead, at * 2)), `${lead} ${at}`).toBeLessThan(
        0.25,
      );
});

test("what lies above the copy's own half does not fold back into it", () => {
  const hum = (hertz: number): EcgFile => ({
    samplesPerSecond: 1_000,
    samplesPerLead: 4_000,
    leads: [
      {
        name: "II",
        unitsPerMillivolt: 200,
        zero: 0,
        samples: Int16Array.from({ length: 4_000 }, (_, i) =>
          Math.round(200 * Math.sin((2 * Math.PI * hertz * i) / 1_000)),
        ),
      },
    ],
  });
  const loudest = (ecg: EcgFile): number => Math.max(...[...ecg.leads[0]!.samples].slice(50, -50).map(Math.abs));
  expect(loudest(unpackEcgCopy(packEcgCopy(hum(20)))!)).toBeGreaterThan(95);
  expect(loudest(unpackEcgCopy(packEcgCopy(hum(200)))!)).toBeLessThan(10);
});

test("gaps stay gaps, a limb lead that says something of its own goes itself, and a long recording says what is left", () => {
  const samples = (scale: number) =>
    Int16Array.from({ length: 12_000 }, (_, i) => Math.round(scale * Math.sin(i / 30)));
  const gapped = samples(100);
  gapped.fill(ecgGap, 1_000, 1_200);
  const ecg: EcgFile = {
    samplesPerSecond: 500,
    samplesPerLead: 12_000,
    leads: [
      { name: "I", unitsPerMillivolt: 200, zero: 0, samples: samples(50) },
      { name: "II", unitsPerMillivolt: 200, zero: 0, samples: gapped },
      { name: "III", unitsPerMillivolt: 200, zero: 0, samples: samples(400) },
    ],
  };
  const copy = unpackEcgCopy(packEcgCopy(ecg))!;
  expect(copy.leads[1]!.samples[550]).toBe(ecgGap);
  expect(copy.source).not.toContain("computed");
  expect(Math.max(...copy.leads[2]!.samples)).toBeGreaterThan(195);
  expect(copy.source).toContain("first 10 s of 24 s");
});

test("bytes that are no copy are none, and nothing hangs on them", () => {
  const packed = packEcgCopy(recording);
  expect(unpackEcgCopy(packed.subarray(0, packed.length - 3))).toBeUndefined();
  expect(unpackEcgCopy(Uint8Array.of(...packed, 1))).toBeUndefined();
  expect(unpackEcgCopy(new Uint8Array(5_000))).toBeUndefined();
});

test("any samples whatever come back as they were, and cut short they are refused", () => {
  fc.assert(
    fc.property(fc.int16Array({ maxLength: 300 }), fc.int16Array({ maxLength: 60 }), (one, two) => {
      const out = new BitWriter();
      writeWave(out, one);
      writeWave(out, two);
      const bits = new BitReader(Uint8Array.from(out.bytes));
      const [back, next] = [new Int16Array(one.length), new Int16Array(two.length)];
      expect([readWave(bits, back), readWave(bits, next), bits.isAtEnd]).toEqual([true, true, true]);
      expect([back, next]).toEqual([one, two]);
      const cut = new BitReader(Uint8Array.from(out.bytes.slice(0, -1)));
      if (one.length > 0 && two.length === 0) expect(readWave(cut, new Int16Array(one.length))).toBe(false);
    }),
  );
});
