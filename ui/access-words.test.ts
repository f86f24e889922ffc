import { expect, test } from "vitest";
import type { ShownAccess } from "#protocol/accesses.ts";
import { accessorWords, accessWords } from "./access-words.ts";

const access: ShownAccess = {
  epoch: 1,
  position: 1,
  received: "2026-11-23T03:00:00.000Z",
  zone: "care",
  action: "fhir-read",
  purpose: "direct-care",
  relation: "coming-to-my-site",
  recordIds: [],
};

test("an access is said in words, one that nobody here knows too", () => {
  expect(accessWords(access)).toBe("Read it through FHIR at a hospital");
  const broken = { ...access, zone: "crew", action: "break-glass", detail: "pull", purpose: "break-glass" };
  expect(accessWords(broken)).toBe("Got it onto the device on a tablet, breaking the glass");
  expect(accessWords({ ...access, action: "teleport", zone: "moon" })).toBe("teleport in moon");
});

test("who it was is a person with roles, or nobody", () => {
  expect(accessorWords(access)).toBe("Nobody signed in");
  const person = { userId: "u", name: "Nurse Testcase", roles: ["hospital-nurse"] };
  expect(accessorWords({ ...access, person })).toBe("Nurse Testcase, hospital nurse");
});
