import { describe, expect, test } from "vitest";
import { crewOf, readShift, shiftHoursMax } from "./shift.ts";

const startedAtMs = Date.UTC(2026, 10, 22, 6);
const shift = { callSign: "M302", vehicle: "Ambulance 302", crew: ["u1", "u2"], startedAtMs };
const hours = (count: number) => startedAtMs + count * 3_600_000;

describe("a stored shift", () => {
  test("comes back until the longest shift is over", () => {
    expect(readShift(JSON.stringify(shift), hours(12))).toEqual(shift);
    expect(readShift(JSON.stringify(shift), hours(shiftHoursMax) + 1)).toBeNull();
  });

  test("survives a clock set back by years", () =>
    expect(readShift(JSON.stringify(shift), hours(-90_000))).toEqual(shift));

  test.each(["", "null", "[]", "{", '{"callSign":"M302"}', '{"callSign":1,"vehicle":"","crew":[2],"startedAtMs":0}'])(
    "what cannot be read asks again: %s",
    (text) => expect(readShift(text, hours(1))).toBeNull(),
  );

  test("the crew names each member once, the author first and as signed in", () => {
    const people = [
      { userId: "u1", name: "A. Reed", role: "Paramedic" },
      { userId: "u2", name: "J. Okafor", role: "EMT" },
      { userId: "u3", name: "T. Lowe", role: "Paramedic" },
    ];
    const author = { ...people[1]!, signIn: "pin" };
    expect(crewOf(shift, people, author)).toEqual([author, { ...people[0], signIn: "named" }]);
  });
});
