import { describe, expect, test } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import { minute, sampleEntries, sampleId, screen, tabletA } from "#test/sample-entries.ts";
import { type ContactLine, contactOf } from "./contact-of.ts";
import { isFailedLookUp, recordOf } from "./look-ups.ts";

const site = { siteId: "southgate-ed", name: "Southgate ED" };
/** An hour from the beginning of the sample shift, and half an hour is late. */
const window = { fromMs: Date.parse(minute(0)), toMs: Date.parse(minute(60)), lateMs: 30 * 60_000 };
const line = (entry: Entry, lateMinutes = 0): ContactLine => ({
  receivedMs: Date.parse(entry.occurredAt) + lateMinutes * 60_000,
  deviceId: entry.deviceId,
  entry,
  isAside: false,
});
const missingOf = (lines: readonly ContactLine[], isWhole = () => true) => contactOf(lines, window, isWhole)?.missing;
const drawn = (seen: number, at: string) => ({
  body: { what: "displayed", site, seen: { [tabletA]: seen } },
  options: { deviceId: screen, at },
});

describe("what a contact of an outage went without", () => {
  test("is nothing where its hospital saw all of it in time; and one of another time is no contact of it", () => {
    const { add } = sampleEntries();
    const lines = [add("destination", { site }, { at: minute(5) }), add("note", { text: "x" }, { at: minute(6) })];
    const { body, options } = drawn(2, minute(7));
    lines.push(add("receipt", body, options));
    expect(
      contactOf(
        lines.map((each) => line(each)),
        window,
        () => true,
      ),
    ).toEqual({
      forms: [],
      devices: [tabletA, screen],
      firstAt: minute(5),
      lastAt: minute(7),
      missing: [],
    });
    const later = { ...window, fromMs: Date.parse(minute(60)), toMs: Date.parse(minute(90)) };
    expect(
      contactOf(
        lines.map((each) => line(each)),
        later,
        () => true,
      ),
    ).toBeUndefined();
  });

  test("is the entries that came late, with the longest; on the minute is not late", () => {
    const { add } = sampleEntries();
    const [a, b, c] = [1, 2, 3].map((at) => add("note", { text: "x" }, { at: minute(at) }));
    expect(missingOf([line(a!, 31), line(b!, 500), line(c!, 30)])).toEqual([
      { what: "late-entries", count: 2, minutes: 500 },
    ]);
  });

  test("is a handover that no screen drew, or drew late; none is missed by a patient who stayed", () => {
    const { add } = sampleEntries();
    const lines = [line(add("destination", { site }, { at: minute(5) }))];
    expect(missingOf(lines)).toEqual([{ what: "handover-undelivered", count: 1 }]);
    const { body, options } = drawn(1, minute(50));
    expect(missingOf([...lines, line(add("receipt", body, options))])).toEqual([
      { what: "handover-late", count: 1, minutes: 45 },
    ]);
    const stays = add("destination", { outcome: "see-and-treat" }, { at: minute(9) });
    expect(missingOf([...lines, line(stays)])).toEqual([]);
  });

  test("is an ECG that is not whole at the base, that no screen drew, or that it drew late", () => {
    const { add } = sampleEntries();
    const body = { leads: ["I"], samplesPerSecond: 500, samplesPerLead: 5_000 };
    const named = add("destination", { site }, { at: minute(1) });
    const ecg: Entry = {
      ...add("ecg", body, { at: minute(4) }),
      blobs: [{ sha256: "ab".repeat(32), bytes: 1, mime: "application/vnd.holdfast.ecg" }],
    };
    const early = drawn(1, minute(2));
    const lines = [named, ecg, add("receipt", early.body, early.options)].map((each) => line(each));
    expect(missingOf(lines)).toEqual([{ what: "ecg-undelivered", count: 1 }]);
    const late = drawn(2, minute(55));
    const both = [...lines, line(add("receipt", late.body, late.options))];
    expect(missingOf(both)).toEqual([{ what: "ecg-late", count: 1, minutes: 51 }]);
    expect(missingOf(both, () => false)).toEqual([{ what: "ecg-undelivered", count: 1 }]);
  });

  test("is what was kept aside and what does not open, by when it came", () => {
    const at = { receivedMs: Date.parse(minute(10)), deviceId: tabletA, entry: null };
    expect(
      missingOf([
        { ...at, isAside: true },
        { ...at, isAside: false },
      ]),
    ).toEqual([
      { what: "kept-aside", count: 1 },
      { what: "unreadable", count: 1 },
    ]);
    expect(missingOf([{ ...at, isAside: true, receivedMs: Number.NaN }])).toBeUndefined();
  });

  test("counts by the tablet's clock too: a time that was set back by hand hides no contact", () => {
    const { add } = sampleEntries();
    const entry = add("note", { text: "x" }, { at: minute(10) });
    const before = { ...entry, occurredAt: minute(-600) };
    expect(missingOf([{ ...line(before), receivedMs: Date.parse(minute(12)) }])).toEqual([
      { what: "late-entries", count: 1, minutes: 612 },
    ]);
  });
});

describe("a look-up that failed", () => {
  const access = { zone: "crew", purpose: "break-glass", relation: "own-trust", recordIds: [] } as const;
  test("is one that was refused or found nothing, and no other refusal", () => {
    expect(isFailedLookUp({ ...access, action: "find" })).toBe(true);
    expect(isFailedLookUp({ ...access, action: "find", recordIds: [sampleId(1)] })).toBe(false);
    expect(isFailedLookUp({ ...access, action: "refused", detail: "read-record reason-needed" })).toBe(true);
    expect(isFailedLookUp({ ...access, action: "refused", detail: "manage-devices not-your-role" })).toBe(false);
  });

  test("belongs to the record that its device wrote nearest to it, within an hour", () => {
    const written = [0, 20, 300].map((at, i) => ({
      recordId: sampleId(i),
      deviceId: tabletA,
      atMs: Date.parse(minute(at)),
    }));
    const lookUp = { contactId: "access-1-1", deviceId: tabletA, recordIds: [] };
    const of = (at: number, deviceId = tabletA) =>
      recordOf({ ...lookUp, deviceId, atMs: Date.parse(minute(at)) }, written);
    expect([of(8), of(15), of(150), of(8, screen)]).toEqual([sampleId(0), sampleId(1), undefined, undefined]);
  });
});
