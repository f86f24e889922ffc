import { expect, test } from "vitest";
import { decodeEcg, type EcgFile, encodeEcg } from "./ecg-file.ts";

const ecg: EcgFile = {
  samplesPerSecond: 500,
  samplesPerLead: 4,
  startsAt: "2026-11-22T10:00:00.000Z",
  source: "Prüfgerät 12",
  leads: [
    { name: "I", unitsPerMillivolt: 200, zero: 0, samples: Int16Array.of(-5, 32767, -32768, 7) },
    { name: "II", unitsPerMillivolt: 1000, zero: 12, samples: Int16Array.of(0, 1, 2, 3) },
  ],
};
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "nothing thrown";
};

test("comes back as it went in, and the same ECG gives the same bytes", () => {
  expect(decodeEcg(encodeEcg(ecg))).toEqual(ecg);
  expect(encodeEcg(decodeEcg(encodeEcg(ecg)))).toEqual(encodeEcg(ecg));
});

test("reads from the middle of a larger buffer", () => {
  const bytes = encodeEcg(ecg);
  const larger = new Uint8Array(bytes.length + 7);
  larger.set(bytes, 3);
  expect(decodeEcg(larger.subarray(3, 3 + bytes.length))).toEqual(ecg);
});

test("every changed byte of the samples, and every cut, is refused by name", () => {
  const bytes = encodeEcg(ecg);
  for (let i = bytes.length - 16; i < bytes.length; i++) {
    const changed = bytes.slice();
    changed[i]! ^= 0x10;
    expect(codeOf(() => decodeEcg(changed))).toBe("checksum-mismatch");
  }
  for (let length = 12; length < bytes.length; length++)
    expect(codeOf(() => decodeEcg(bytes.subarray(0, length)))).toBe("cut-short");
  expect(codeOf(() => decodeEcg(new TextEncoder().encode("<?xml version='1.0'?>")))).toBe("not-an-ecg");
  expect(codeOf(() => encodeEcg({ ...ecg, leads: [] }))).toBe("no-leads");
});

test("a header that promises more than it may is refused before anything is allocated", () => {
  const bytes = encodeEcg(ecg);
  const at = new TextDecoder("latin1").decode(bytes).indexOf('"samplesPerLead":4') + '"samplesPerLead":'.length;
  const changed = bytes.slice();
  changed[at] = "x".charCodeAt(0);
  expect(codeOf(() => decodeEcg(changed))).toBe("header-unreadable");
});
