import { describe, expect, test } from "vitest";
import { type EcgFile, type EcgLead, ecgGap } from "./ecg-file.ts";
import { columnsOf, layOutEcg, stripPath } from "./ecg-layout.ts";

const lead = (name: string, samples: Int16Array): EcgLead => ({ name, unitsPerMillivolt: 1000, zero: 0, samples });
const twelve = "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6".split(" ");
const ecgOf = (names: string[]): EcgFile => ({
  samplesPerSecond: 1000,
  samplesPerLead: 10_000,
  leads: names.map((name) => lead(name, new Int16Array(10_000))),
});

describe("columns", () => {
  test("an R peak of one sample shows in however few columns", () => {
    const samples = new Int16Array(10_000);
    samples[4321] = 1800;
    samples[4322] = -400;
    for (const columns of [7, 100, 999]) {
      const drawn = columnsOf(lead("II", samples), 1000, { fromSecond: 0, seconds: 10, columns });
      expect(Math.max(...drawn.map((column) => column!.maxMv))).toBe(1.8);
      expect(Math.min(...drawn.map((column) => column!.minMv))).toBe(-0.4);
    }
  });

  test("a gap is not drawn, and does not hide its neighbours", () => {
    const samples = Int16Array.from({ length: 1000 }, (_, i) => (i >= 400 && i <= 600 ? ecgGap : 500));
    const drawn = columnsOf(lead("II", samples), 1000, { fromSecond: 0, seconds: 1, columns: 10 });
    expect(drawn.map((column) => column?.maxMv ?? null)).toEqual([0.5, 0.5, 0.5, 0.5, null, null, 0.5, 0.5, 0.5, 0.5]);
  });

  test("fewer samples than columns lie on the line between them", () => {
    const drawn = columnsOf(lead("II", Int16Array.of(0, 1000)), 1, { fromSecond: 0, seconds: 1, columns: 4 });
    expect(drawn.map((column) => column?.maxMv)).toEqual([0.25, 0.5, 0.75, 1]);
  });
});

describe("page", () => {
  test("3×4 is three rows of four and a rhythm strip, at 25 mm a second", () => {
    const { strips, pulses, legend, widthMm } = layOutEcg(ecgOf(twelve), "3x4");
    expect(strips.map((strip) => strip.lead).join(" ")).toBe("I aVR V1 V4 II aVL V2 V5 III aVF V3 V6 II");
    expect(strips[1]).toMatchObject({ widthMm: 62.5, fromSecond: 2.5 });
    expect(strips.at(-1)).toMatchObject({ widthMm: 250, fromSecond: 0 });
    expect(pulses).toHaveLength(4);
    const heights = pulses[0]!.map(([, y]) => y);
    expect(Math.max(...heights) - Math.min(...heights)).toBe(10);
    expect(legend).toBe("25 mm/s · 10 mm/mV · filter not stated · 0.0–10.0 s of 10.0 s");
    expect(widthMm).toBe(270);
  });

  test("6×2 and 12×1 hold the twelve in order", () => {
    const leadsOf = (layout: "6x2" | "12x1") => layOutEcg(ecgOf(twelve), layout).strips.map((strip) => strip.lead);
    expect(leadsOf("6x2").slice(0, 4)).toEqual(["I", "V1", "II", "V2"]);
    expect(leadsOf("12x1")).toEqual(twelve);
  });

  test("a lead that is lacking has its place named; a monitor's two leads have a row each", () => {
    const without = layOutEcg(ecgOf(twelve.filter((name) => name !== "V3")), "12x1");
    expect(without.strips.find((strip) => strip.lead === "V3")?.index).toBeNull();
    expect(layOutEcg(ecgOf(["II", "V"]), "3x4").strips.map((strip) => strip.lead)).toEqual(["II", "V"]);
  });

  test("the path of a strip breaks at a gap and nowhere else", () => {
    const ecg = ecgOf(["II"]);
    ecg.leads[0]!.samples.fill(ecgGap, 2000, 3000);
    const path = stripPath(ecg, layOutEcg(ecg, "3x4").strips[0]!);
    expect(path.match(/M/g)).toHaveLength(2);
  });
});
