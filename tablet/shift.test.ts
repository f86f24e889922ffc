import { describe, expect, test } from "vitest";
import { keptHoursMax } from "#client/earlier.ts";
import { authorOf, crewOf, readShift } from "./shift.ts";

const startedAtMs = Date.UTC(2026, 10, 22, 6);
const shift = { callSign: "M302", vehicle: "Ambulance 302", crew: ["u1", "u2"], startedAtMs };
const hours = (count: number) => startedAtMs + count * 3_600_000;

describe("a stored shift", () => {
  test("comes back until the longest shift is over", () => {
    expect(readShift(JSON.stringify(shift), hours(12))).toEqual(shift);
    expect(readShift(JSON.stringify(shift), hours(keptHoursMax) + 1)).toBeNull();
  });

  test("is over where the clock was set back to before it, which would lengthen it", () =>
    expect(readShift(JSON.stringify(shift), hours(-1))).toBeNull());

  test.each(["", "null", "[]", "{", '{"callSign":"M302"}', '{"callSign":1,"vehicle":"","crew":[2],"startedAtMs":0}'])(
    "what cannot be read asks again: %s",
    (text) => expect(readShift(text, hours(1))).toBeNull(),
  );

  test("comes back with whom a crewmate has vouched for, and names them in the crew as such", () => {
    const stranger = { userId: "staff:7", name: "S. Testcase", role: "EMT", staffNumber: "7", vouchedBy: "u1" };
    const held = readShift(JSON.stringify({ ...shift, vouched: [stranger, null, { name: "half" }] }), hours(1))!;
    expect(held.vouched).toEqual([stranger]);
    const author = { userId: "u1", name: "A. Reed", role: "Paramedic", signIn: "pin" };
    expect(crewOf(held, [], author)).toEqual([author, expect.objectContaining({ signIn: "vouched", vouchedBy: "u1" })]);
  });

  test("the crew names each member once, the author first and as signed in", () => {
    const people = [
      { userId: "u1", name: "A. Reed", role: "Paramedic" },
      { userId: "u2", name: "J. Okafor", role: "EMT" },
      { userId: "u3", name: "T. Lowe", role: "Paramedic" },
    ];
    const author = { ...people[1]!, signIn: "pin" };
    expect(crewOf(shift, people, author)).toEqual([author, { ...people[0], signIn: "named" }]);
  });

  test("whose roles need a co-signature says so as an author; who has a role without that need does not", () => {
    const written = (...roles: string[]) =>
      authorOf({ userId: "u1", name: "S. Testcase", role: "", roles }, "pin").coSign;
    expect(written("student")).toBe("needed");
    expect(written("student", "paramedic")).toBeUndefined();
    expect(written("paramedic")).toBeUndefined();
    expect(written("a-role-of-tomorrow")).toBeUndefined();
  });
});
