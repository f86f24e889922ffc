import { expect, test } from "vitest";
import { readWfdb, verifySignal, type WfdbFiles } from "./wfdb.ts";

const text = (value: string) => new TextEncoder().encode(value);
const filesOf =
  (files: Record<string, Uint8Array | string>): WfdbFiles =>
  (name) => {
    const file = files[name];
    return typeof file === "string" ? text(file) : file;
  };
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "nothing thrown";
};

test("format 212: two samples in three bytes, negative ones and the code for none", () => {
  // 995 = 0x3e3, 1011 = 0x3f3; then -2048 (none) and -1.
  const bytes = Uint8Array.of(0xe3, 0x33, 0xf3, 0x00, 0xf8, 0xff);
  const record = readWfdb(
    text("r 2 360 2\nr.dat 212 200 11 1024 995 0 0 MLII\nr.dat 212 200 11 1024 1011 0 0 V5\n"),
    filesOf({ "r.dat": bytes }),
  );
  const [first, second] = record.segments[0]!.signals;
  expect([...first!.samples]).toEqual([995, -2048]);
  expect([...second!.samples]).toEqual([1011, -1]);
  expect(first!.gaps).toEqual([{ from: 1, to: 2 }]);
  expect(first!.baseline).toBe(1024);
  expect(verifySignal(first!)).toEqual(["checksum"]);
});

test("gain, baseline and unit: given, assumed, and on another baseline than the ADC's zero", () => {
  const record = readWfdb(
    text("r 3 125 0\nr.dat 80 1.25(-100)/mmHg 8 0 0 0 0 ABP\nr.dat 80 0 8 5 0 0 0 X\nr.dat 80\n# one comment\n"),
    filesOf({ "r.dat": new Uint8Array() }),
  );
  const [pressure, uncalibrated, bare] = record.segments[0]!.signals;
  expect(pressure).toMatchObject({ gain: 1.25, baseline: -100, unit: "mmHg", name: "ABP", calibrated: true });
  expect(uncalibrated).toMatchObject({ gain: 200, baseline: 5, unit: "mV", calibrated: false });
  expect(bare).toMatchObject({ gain: 200, calibrated: false, firstValue: null, checksum: null, name: "signal 3" });
  expect(record.comments).toEqual(["one comment"]);
});

test("segments: a null one is a gap in its place, a layout is passed over", () => {
  const record = readWfdb(
    text("m/3 1 10 6\nm_layout 0\n~ 4\nm_1 2\n"),
    filesOf({ "m_1.hea": "m_1 1 10 2\nm_1.dat 16 200/mV 16 0 7 6 0 II\n", "m_1.dat": Uint8Array.of(7, 0, 0xff, 0xff) }),
  );
  expect(record.segments.map(({ from, to }) => [from, to])).toEqual([
    [0, 4],
    [4, 6],
  ]); // prettier-ignore
  expect(record.segments[0]!.signals).toEqual([]);
  expect([...record.segments[1]!.signals[0]!.samples]).toEqual([7, -1]);
  expect(verifySignal(record.segments[1]!.signals[0]!)).toEqual([]);
});

test.each([
  ["header-unreadable", "", {}],
  ["header-unreadable", "r two 360 10\n", {}],
  ["header-unreadable", "r 2 360 10\nr.dat 16\n", {}],
  ["file-missing", "r 1 360 10\nr.dat 16 200 16 0 0 0 0 II\n", {}],
  ["samples-missing", "r 1 360 10\nr.dat 16 200 16 0 0 0 0 II\n", { "r.dat": new Uint8Array(19) }],
  ["format-unsupported", "r 1 360 10\nr.dat 310 200 16 0 0 0 0 II\n", { "r.dat": new Uint8Array(40) }],
  ["format-unsupported", "r 1 360 10\nr.dat 16x4 200 16 0 0 0 0 II\n", { "r.dat": new Uint8Array(80) }],
  ["too-large", "r 1 360 900000000\nr.dat 16 200 16 0 0 0 0 II\n", { "r.dat": new Uint8Array(80) }],
])("%s says what to do", (code, header, files) => {
  const act = () => readWfdb(text(header), filesOf(files as Record<string, Uint8Array>));
  expect(codeOf(act)).toBe(code);
  expect(act).toThrow(/(Choose|Copy|Export|Cut) /);
});
