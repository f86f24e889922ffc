import { describe, expect, test } from "vitest";
import { type Place, placeAddress, readPlace } from "./places.ts";

const recordId = "019aaf00-0000-7000-8000-000000000001";

describe("where the tablet is", () => {
  test.each<Place>([
    { at: "home" },
    { at: "record", recordId, screen: "timeline" },
    { at: "earlier" },
    { at: "earlier", about: recordId },
    { at: "earlier-record", recordId },
    { at: "earlier-record", recordId, about: recordId.replace("1", "2") },
    { at: "record", recordId, screen: "drug", detail: "Aspirin / 300" },
  ])("an address reads back as the place it was made of: %j", (place) => {
    expect(readPlace(placeAddress(place))).toEqual(place);
  });

  test("an address nobody made is home, and an unknown screen is the timeline", () => {
    expect(readPlace("#/record/../../etc")).toEqual({ at: "home" });
    expect(readPlace("")).toEqual({ at: "home" });
    expect(readPlace(`#/record/${recordId}/photos`)).toEqual({ at: "record", recordId, screen: "timeline" });
  });
});
