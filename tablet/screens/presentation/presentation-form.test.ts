import { describe, expect, test } from "vitest";
import { onsetAt, presentationForm, readPresentation } from "./presentation-form.ts";

describe("the presentation form", () => {
  test("what was saved comes back as it was, the four kinds of no included", () => {
    const body = {
      concern: "Chest pain",
      onset: { is: "2026-11-22T13:40:00.000Z" },
      history: { is: "Central, to left arm" },
      pastHistory: { no: "not-known" as const },
      medication: { no: "refused" as const },
    };
    expect(readPresentation(presentationForm(body))).toEqual(body);
  });

  test("nothing answered is nothing said", () =>
    expect(readPresentation({ ...presentationForm(undefined), concern: "Fall" })).toEqual({ concern: "Fall" }));

  test("an onset is on the whole minute", () =>
    expect(onsetAt(30, Date.parse("2026-11-22T14:10:42.317Z"))).toBe("2026-11-22T13:40:00.000Z"));
});
