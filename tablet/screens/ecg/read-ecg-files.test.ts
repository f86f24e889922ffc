import { describe, expect, test } from "vitest";
import { type EcgFile, encodeEcg } from "#monitoring/ecg-file.ts";
import { readEcgFiles } from "./read-ecg-files.ts";

const ecg: EcgFile = {
  samplesPerSecond: 500,
  samplesPerLead: 3,
  leads: [{ name: "II", unitsPerMillivolt: 1000, zero: 0, samples: Int16Array.of(1, -2, 3) }],
};

describe("the files a crew chooses", () => {
  test("the project's own file is read sample for sample", () => {
    const read = readEcgFiles([{ name: "a.hfecg", bytes: encodeEcg(ecg) }]);
    expect("ecg" in read && [...read.ecg.leads[0]!.samples]).toEqual([1, -2, 3]);
  });

  test("a changed sample is refused with what to do", () => {
    const bytes = encodeEcg(ecg);
    bytes[bytes.length - 1]! ^= 1;
    expect(readEcgFiles([{ name: "a.hfecg", bytes }])).toHaveProperty("problem");
  });

  test("a header without its signals names the file that is missing", () => {
    const header = new TextEncoder().encode("rec 1 500 3\nrec.dat 16 1000/mV 16 0 1 2 0 II\n");
    expect(readEcgFiles([{ name: "rec.hea", bytes: header }])).toEqual({ problem: expect.stringContaining("rec.dat") });
  });

  test("a photo is no ECG", () =>
    expect(readEcgFiles([{ name: "a.jpg", bytes: new Uint8Array(3) }])).toEqual({
      problem: expect.stringContaining(".hea"),
    }));
});
