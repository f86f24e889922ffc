import { describe, expect, it } from "vitest";
import { author } from "#domain/entry/entry.ts";
import { vouchedAuthor, vouchFor } from "./vouch.ts";

const crewmate = { userId: "u1", name: "A. Reed", role: "Paramedic" };
const form = { name: " Sam Testcase ", role: "Technician", staffNumber: " B 4711 ", isStudent: false };

describe("somebody whom the tablet does not know", () => {
  it("writes under name and staff number, flagged, with the crewmate who vouched", () => {
    const person = vouchFor(form, crewmate);
    if ("missing" in person) throw new Error(person.missing);
    const written = vouchedAuthor(person);
    expect(author.parse(written)).toEqual({
      userId: "staff:B 4711",
      name: "Sam Testcase (B 4711)",
      role: "Technician",
      signIn: "vouched",
      vouchedBy: "u1",
    });
  });

  it("awaits co-signatures where the crewmate says that they are a student", () => {
    const person = vouchFor({ ...form, isStudent: true }, crewmate);
    if ("missing" in person) throw new Error(person.missing);
    expect(author.parse(vouchedAuthor(person))).toMatchObject({ signIn: "vouched", coSign: "needed" });
  });

  it.each(["name", "staffNumber"] as const)("is nobody without a %s", (field) =>
    expect(vouchFor({ ...form, [field]: " " }, crewmate)).toHaveProperty("missing"),
  );

  it("has a user id that the wire takes, however long the number", () => {
    const person = vouchFor({ ...form, staffNumber: "9".repeat(40) }, crewmate);
    if ("missing" in person) throw new Error(person.missing);
    expect(author.safeParse(vouchedAuthor(person)).success).toBe(true);
  });
});
