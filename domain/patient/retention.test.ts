import { expect, test } from "vitest";
import type { Patient } from "./patient.ts";
import { keepUntil } from "./retention.ts";

const terms = { adultYears: 10, childAge: 25 };
const lastAt = "2026-03-14T23:30:00.000Z";
const born = (birthDate: string): Patient => ({ identity: "stated", birthDate: { is: birthDate } });
const known = (more: Partial<Patient>): Patient => ({ identity: "stated", ...more });

test.each<[string, Patient[], string]>([
  ["an adult", [born("1950-02-03")], "2036-03-14"],
  ["eighteen today", [born("2008-03-14")], "2036-03-14"],
  ["eighteen tomorrow: the adult's term is the longer", [born("2008-03-15")], "2036-03-14"],
  ["a child of five", [born("2021-01-02")], "2046-01-02"],
  ["born on 29 February", [born("2020-02-29")], "2045-03-01"],
  ["a child of five by the crew's estimate: perhaps five today", [known({ ageYears: 5 })], "2046-03-14"],
  ["an adult by the crew's choice", [known({ ageGroup: "adult" })], "2036-03-14"],
  ["a child by the crew's choice", [known({ ageGroup: "child" })], "2051-03-14"],
  ["nothing known of the age", [known({})], "2051-03-14"],
  ["a birth date that is none", [born("2021-02-30")], "2051-03-14"],
  ["a birth date after the last entry", [born("2030-01-01")], "2051-03-14"],
  ["no patient at all", [], "2051-03-14"],
  ["two tablets disagree: the younger counts", [born("1950-02-03"), born("2021-01-02")], "2046-01-02"],
])("%s", (_who, patients, day) => {
  expect(keepUntil(patients, lastAt, terms)).toBe(day);
});
