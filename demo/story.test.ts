import { describe, expect, test } from "vitest";
import { kinds } from "#domain/kinds.ts";
import { isValidNhsNumber } from "#domain/patient/nhs-number.ts";
import { decodeEcg, encodeEcg } from "#monitoring/ecg-file.ts";
import { generateEcg } from "./ecg-generator.ts";
import { inventCrew, inventedNhsNumber, inventPerson, isOfShift, shiftRecordId } from "./people.ts";
import { seededRandom } from "./random.ts";
import { roster, stories } from "./roster.ts";
import { type Story, stepsOf } from "./story.ts";

const nowMs = Date.parse("2026-11-22T14:33:00.000Z");
const tell = (story: Story) =>
  stepsOf(story, {
    at: (minute) => new Date(nowMs + minute * 60_000).toISOString(),
    site: { siteId: "southgate-ed", name: "Southgate ED" },
    callSign: "M302",
    vehicle: "Demo ambulance 302",
    crew: inventCrew("M302"),
    cadNumber: "DEMO-00001",
    person: inventPerson(1, story.patient, nowMs, seededRandom(1)),
    etaErrorMinutes: 3,
  });

describe.each(stories.map((story) => [story.key, story] as const))("%s", (_, story) => {
  test("every step is an entry that this version understands, and says that it is a demonstration", () => {
    const steps = tell(story);
    for (const { kind, body } of steps) expect(kinds[kind].safeParse(body)).toMatchObject({ success: true });
    expect(steps[0]).toMatchObject({ minute: 0, kind: "incident", body: { demonstration: true } });
  });

  test("happens in order: at scene, left, at hospital, handed over", () => {
    expect(story.atScene).toBeLessThan(story.leftScene);
    expect(story.leftScene).toBeLessThan(story.atHospital);
    expect(story.atHospital).toBeLessThan(story.handedOver);
    const minutes = tell(story).map((step) => step.minute);
    expect(minutes).toEqual(minutes.toSorted((a, b) => a - b));
    expect(minutes.at(-1)).toBeLessThan(story.handedOver);
  });

  test("the ETA comes true on the way", () => {
    const etas = tell(story).flatMap((step) => (step.kind === "destination" ? [Date.parse(step.body.eta!)] : []));
    const arrival = nowMs + story.atHospital * 60_000;
    expect(etas[0]).toBe(arrival + 3 * 60_000);
    expect(Math.abs(etas.at(-1)! - arrival)).toBeLessThanOrEqual(120_000);
  });
});

test("the board starts with nine coming, three of them announced, and three here", () => {
  const eta = roster.map(({ first, callMinutesAgo }) => first.atHospital - callMinutesAgo);
  expect(eta.filter((minutes) => minutes > 0)).toEqual([6, 9, 12, 15, 17, 21, 24, 30, 38]);
  expect(eta.filter((minutes) => minutes <= 0)).toEqual([-47, -18, -4]);
  const announced = roster.filter(
    ({ first, callMinutesAgo }) =>
      first.prealert && first.prealert.minute <= callMinutesAgo && first.atHospital > callMinutesAgo,
  );
  expect(announced.map(({ callSign }) => callSign)).toEqual(["M302", "M114", "W220"]);
  for (const { first, callMinutesAgo } of roster) expect(callMinutesAgo).toBeGreaterThanOrEqual(first.leftScene);
});

test("invented people: numbers of the range 999 with a right check digit, none twice, ages as told", () => {
  const numbers = Array.from({ length: 2000 }, (_, serial) => inventedNhsNumber(serial));
  expect(numbers.filter((number) => !(number.startsWith("999") && isValidNhsNumber(number)))).toEqual([]);
  expect(new Set(numbers).size).toBe(numbers.length);
  const child = inventPerson(7, { ageYears: 4, gender: "male" }, nowMs, seededRandom(7));
  expect(child.familyName).toMatch(/^DEMO-/);
  const years = (nowMs - Date.parse(child.birthDate)) / (365.25 * 86_400_000);
  expect(years).toBeGreaterThan(4);
  expect(years).toBeLessThan(5);
  const recordId = crypto.randomUUID();
  expect([isOfShift(recordId), isOfShift(shiftRecordId(recordId))]).toEqual([false, true]);
});

test("the synthesised ECG keeps Einthoven's law, lifts ST where it says, and is nobody's", () => {
  const ecg = generateEcg("inferior-stemi", "2026-11-22T14:00:00.000Z", 1);
  expect(decodeEcg(encodeEcg(ecg))).toEqual(ecg);
  expect(ecg.source).toMatch(/not a patient/);
  const lead = (name: string) => ecg.leads.find((candidate) => candidate.name === name)!.samples;
  for (let i = 0; i < ecg.samplesPerLead; i += 97)
    expect(Math.abs(lead("I")[i]! + lead("III")[i]! - lead("II")[i]!)).toBeLessThanOrEqual(2);
  // 120 ms after an R peak the inferior leads lie above their own start of the beat, and aVL below it.
  const rPeak =
    lead("II")
      .slice(500, 1000)
      .reduce((best, value, i, all) => (value > all[best]! ? i : best), 0) + 500;
  const lift = (name: string) => lead(name)[rPeak + 60]! - lead(name)[rPeak - 50]!;
  expect(lift("III")).toBeGreaterThan(150);
  expect(lift("aVF")).toBeGreaterThan(150);
  expect(lift("aVL")).toBeLessThan(-100);
});
