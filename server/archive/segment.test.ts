import { describe, expect, test } from "vitest";
import { checkedLines, type SegmentHeader } from "./segment.ts";

const header = { log: "access", epoch: 1, first: 1, last: 1 } as SegmentHeader;
const good = {
  epoch: 1,
  position: 1,
  received: "2026-11-23T03:00:00.123Z",
  deviceId: null,
  hash: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
  signature: null,
  bytes: 2,
};
const id = "0199d000-0a1b-7fed-8cba-987654321fff";
const careHeader: SegmentHeader = { ...header, log: "care" };
const ofCare = { ...good, deviceId: id, recordId: id, n: 1, entryId: id };
const opened = (line: unknown, rest = "{}\n"): Buffer => Buffer.from(`${JSON.stringify(line)}\n${rest}`);
const faultOf = (bytes: Buffer, about = header): string | undefined => {
  try {
    for (const _ of checkedLines(bytes, about));
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("what a base sealed is named for what it is, and never fails otherwise", () => {
  test("a good line is good", () => {
    expect(faultOf(opened(good))).toBeUndefined();
    expect(faultOf(opened(ofCare), careHeader)).toBeUndefined();
    expect(faultOf(opened({ ...ofCare, bytes: null }, ""), careHeader)).toBeUndefined();
    const kept = { ...ofCare, n: null, entryId: undefined, quarantine: "unreadable" };
    expect(faultOf(opened(kept), careHeader)).toBeUndefined();
  });

  test.each([-1, -2, 0.5, 1, 3, 1e9, 2 ** 60, "2", [2], {}, true, undefined])("a line of %j bytes", (bytes) => {
    expect(faultOf(opened({ ...good, bytes }))).toMatch(/unreadable|wrong-bytes/);
  });

  test.each([
    null,
    7,
    "line",
    [],
    [good],
    { ...good, position: "1" },
    { ...good, received: "then" },
    { ...good, hash: 7 },
  ])("a line that is %j", (line) => {
    expect(faultOf(opened(line))).toBe("unreadable");
  });

  test.each([
    { recordId: undefined },
    { recordId: "../../etc" },
    { recordId: id.toUpperCase() },
    { deviceId: null },
    { entryId: undefined },
    { n: null },
    { n: 2 ** 40 },
    { quarantine: "unreadable" },
    { quarantine: "\0", n: null, entryId: undefined },
    { signature: "a\nb" },
    { received: "1" },
    { received: "2026-11-23T03:00:00.123" },
    { received: "-200000-01-01T00:00:00.000Z" },
    { hash: "AB".repeat(32) },
  ])("a line of care with %j, which no table takes", (wrong) => {
    expect(faultOf(opened({ ...ofCare, ...wrong }), careHeader)).toBe("unreadable");
  });

  test("a line of another log without its bytes", () => {
    expect(faultOf(opened({ ...good, bytes: null }, ""))).toBe("unreadable");
  });

  test("so much said of a line that reading it would stop a server", () => {
    expect(faultOf(opened({ ...good, more: Array.from({ length: 10_000 }, () => ({})) }))).toBe("unreadable");
  });

  test("lines without an end, or more, fewer or others than the header says", () => {
    const whole = opened(good);
    for (let bytes = 1; bytes < whole.length; bytes++)
      expect(faultOf(whole.subarray(0, bytes)), `${bytes} bytes`).toMatch(/unreadable|wrong-bytes/);
    for (const more of ["\n", "{", "{}\n", whole.toString()])
      expect(faultOf(Buffer.concat([whole, Buffer.from(more)])), more).toBe("unreadable");
    expect(faultOf(Buffer.alloc(0))).toBe("unreadable");
    expect(faultOf(whole, { ...header, last: 2 ** 50 })).toBe("unreadable");
    expect(faultOf(whole, { ...header, epoch: 2 })).toBe("unreadable");
    expect(faultOf(opened(good, "[]\n"))).toBe("wrong-bytes");
    expect(faultOf(opened({ ...good, bytes: null, hash: "of nothing" }, ""))).toBe("unreadable");
  });
});
