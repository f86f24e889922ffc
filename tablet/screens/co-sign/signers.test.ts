import { expect, test } from "vitest";
import { coSignature, coSignedMax } from "#domain/co-signature/co-signature.ts";
import { sampleId } from "#test/sample-entries.ts";
import { coSignaturesOf, signersOf } from "./signers.ts";

const people = [
  { userId: "student", name: "Sam Testcase", role: "Student", roles: ["student"] },
  { userId: "medic", name: "A. Reed", role: "Paramedic", roles: ["paramedic"] },
  { userId: "both", name: "J. Hill", role: "Student, Technician", roles: ["student", "technician"] },
  { userId: "off", name: "T. Lowe", role: "Paramedic", roles: ["paramedic"] },
];

test("whoever of the shift needs no co-signature may sign, and never the author", () => {
  const shift = { crew: ["student", "medic", "both"] };
  expect(signersOf(shift, people, "student")).toEqual(["A. Reed", "J. Hill"]);
  expect(signersOf(shift, people, "medic")).toEqual(["J. Hill"]);
  expect(signersOf({ crew: ["student"] }, people, "student")).toEqual([]);
});

test("more entries than one co-signature takes are signed with several, each of them once", () => {
  const ids = Array.from({ length: coSignedMax + 1 }, (_, n) => sampleId(n));
  const bodies = coSignaturesOf(ids);
  expect(bodies.map((body) => coSignature.safeParse(body).success)).toEqual([true, true]);
  expect(bodies.flatMap(({ entries }) => entries)).toEqual(ids);
  expect(coSignaturesOf([])).toEqual([]);
});
