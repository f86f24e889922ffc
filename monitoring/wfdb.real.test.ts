import { expect, test } from "vitest";
import { describeReal, realFiles, realMonitorFiles } from "#test/real-data.ts";
import { decodeEcg, encodeEcg } from "./ecg-file.ts";
import { fromWfdb } from "./ecg-from-wfdb.ts";
import { readWfdb, verifySignal, type WfdbFiles } from "./wfdb.ts";
import { checksum16 } from "./wfdb-samples.ts";

const read = (name: string, files: WfdbFiles) => readWfdb(files(`${name}.hea`)!, files);

describeReal("real WFDB recordings", () => {
  test.each([
    ["100", realFiles, 2],
    ["s0010_re", realFiles, 15],
    ["s25047-2704-05-04-10-44", realMonitorFiles, 38],
    ["s25047-2704-05-04-10-44n", realMonitorFiles, 7],
  ] as const)("%s: every signal matches its header's first value and checksum", (name, files, signals) => {
    const all = read(name, files).segments.flatMap((segment) => segment.signals);
    expect(all).toHaveLength(signals);
    expect(all.map(verifySignal)).toEqual(all.map(() => []));
  });

  test("one changed bit is found, by value or by sum", () => {
    const bytes = realFiles("s0010_re.dat")!;
    bytes[100_000]! ^= 1;
    const damaged = read("s0010_re", (name) => (name === "s0010_re.dat" ? bytes : realFiles(name)));
    expect(damaged.segments[0]!.signals.flatMap(verifySignal)).toEqual(["checksum"]);
    expect(() => fromWfdb(damaged)).toThrow(/not what its header says/);
  });

  test("s0010_re keeps its first values and checksums through the project's own file", () => {
    const header = new TextDecoder().decode(realFiles("s0010_re.hea")!);
    const said = header
      .split("\n")
      .filter((line) => line.startsWith("s0010_re."))
      .map((line) => line.trim().split(" "))
      .map((part) => ({ name: part[8]!, first: Number(part[5]), sum: Number(part[6]) }));
    const ecg = decodeEcg(encodeEcg(fromWfdb(read("s0010_re", realFiles))));
    expect(
      ecg.leads.map((lead) => ({
        name: lead.name.toLowerCase(),
        first: lead.samples[0],
        sum: checksum16(lead.samples),
      })),
    ).toEqual(said);
    expect(ecg).toMatchObject({ samplesPerSecond: 1000, samplesPerLead: 38_400 });
    expect(ecg.leads[0]).toMatchObject({ name: "I", unitsPerMillivolt: 2000 });
  });

  test("the monitor's ECG begins with a gap of 25,740 samples, which is never a value", () => {
    const record = read("s25047-2704-05-04-10-44", realMonitorFiles);
    expect(record.segments[0]).toEqual({ from: 0, to: 25_740, signals: [] });
    expect(record.segments.at(-1)!.to).toBe(543_240);
    const gaps = record.segments.flatMap((segment) => segment.signals.flatMap((signal) => signal.gaps));
    expect(gaps.length).toBeGreaterThan(20);
  });
});
