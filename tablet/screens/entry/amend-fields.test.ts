import { describe, expect, test } from "vitest";
import type { KnownEntry } from "#domain/kinds.ts";
import { amendedBody, amendFields } from "./amend-fields.ts";

const entry = (kind: string, body: object) => ({ kind, body }) as unknown as KnownEntry;

describe("amending an entry", () => {
  test("a reading keeps where it came from and takes the digits as typed", () => {
    const set = entry("observations", {
      temperature: { value: "38.6", from: "monitor" },
      acvpu: { is: "A", from: "hand" },
    });
    expect(amendFields(set).map((field) => field.key)).toEqual(["temperature"]);
    expect(amendedBody(set, { temperature: "36.0" })).toEqual({
      body: { temperature: { value: "36.0", from: "monitor" }, acvpu: { is: "A", from: "hand" } },
    });
  });

  test("what is no number is said, and nothing is written", () => {
    const set = entry("observations", { pulse: { value: "88", from: "hand" } });
    expect(amendedBody(set, { pulse: "8o" })).toHaveProperty("problem");
  });

  test("a dose keeps its unit unless another is typed", () => {
    const drug = entry("drug", { drug: "GTN", dose: { value: "400", unit: "ug" } });
    expect(amendedBody(drug, { dose: "800" })).toEqual({ body: { drug: "GTN", dose: { value: "800", unit: "ug" } } });
    expect(amendedBody(drug, { dose: "0.8 mg" })).toEqual({
      body: { drug: "GTN", dose: { value: "0.8", unit: "mg" } },
    });
  });

  test("a detail finishes what a one-tap event had left open", () => {
    const event = entry("event", { event: "IV access", toFinish: ["size", "site"] });
    expect(amendedBody(event, { event: "IV access", detail: "18G left hand" })).toEqual({
      body: { event: "IV access", detail: "18G left hand" },
    });
    expect(amendedBody(event, { event: "IV access", detail: "" })).toEqual({
      body: { event: "IV access", toFinish: ["size", "site"] },
    });
  });
});
