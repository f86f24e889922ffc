import { hash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { leafOf, leavesIn } from "./hashing.ts";
import { keepRecentLines, type RecentLines } from "./recent-lines.ts";
import { linesOf, type WrittenLines } from "./segment.ts";

const receivedMs = Date.parse("2026-01-01T00:00:00.000Z");
const line = (position: number, text = `PLANTED ${position}`) => ({
  epoch: 1,
  position,
  received: "2026-01-01T00:00:00.000Z",
  deviceId: null,
  recordId: "of no form",
  hash: hash("sha256", text),
  signature: null,
  bytes: Buffer.from(text),
});
const put = (
  recent: RecentLines,
  first: number,
  last: number,
  { epoch = 1, text }: { epoch?: number; text?: string } = {},
) =>
  recent.put(
    { epoch, firstPosition: first, receivedMs },
    Array.from({ length: last + 1 - first }, (_, i) => {
      const { deviceId, recordId, hash, signature, bytes } = line(first + i, text);
      return { deviceId, recordId, hash, signature, bytes };
    }),
  );
/** The places of what is taken, each line of which is as it was stored. */
const take = (recent: RecentLines, after: number, stored = line): number[] => {
  const taken = recent.take(after);
  if (taken === undefined) return [];
  expect([...linesOf(taken.opened)]).toEqual(placesOf(taken).map((position) => stored(position)));
  expect([...leavesIn(taken.leaves)]).toEqual(placesOf(taken).map((position) => leafOf("care", stored(position))));
  expect(taken.received).toBe(line(1).received);
  return placesOf(taken);
};
const placesOf = ({ first, last }: WrittenLines): number[] =>
  Array.from({ length: last + 1 - first }, (_, i) => first + i);

test("gives what follows a position, once, and nothing where the next is not held", () => {
  const recent = keepRecentLines();
  put(recent, 11, 13);
  put(recent, 14, 15);
  expect(take(recent, 5)).toEqual([]);
  expect(take(recent, 11)).toEqual([12, 13, 14, 15]);
  expect(take(recent, 11)).toEqual([]);
  put(recent, 16, 17);
  expect(take(recent, 15)).toEqual([16, 17]);
  expect(take(recent, 17)).toEqual([]);
  put(recent, 18, 20);
  // What somebody read elsewhere meanwhile is let go.
  expect(take(recent, 19)).toEqual([20]);
  put(recent, 21, 22);
  expect(take(recent, 40)).toEqual([]);
  expect(take(recent, 20)).toEqual([]);
});

test("gives at once what one segment holds, one line at least, and all lines in the end", () => {
  const recent = keepRecentLines({ pageBytes: 1_000 });
  put(recent, 1, 9);
  put(recent, 10, 10, { text: "x".repeat(2_000) });
  put(recent, 11, 12);
  const taken = Array.from({ length: 8 }, () => 0).reduce<number[][]>((all) => {
    const next = recent.take(all.flat().at(-1) ?? 0);
    return next === undefined ? all : [...all, placesOf(next)];
  }, []);
  expect(taken.flat()).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  expect(taken.length).toBeGreaterThan(3);
  expect(taken).toContainEqual([10]);
});

test("leaves what was taken as it is until the next is taken", () => {
  const recent = keepRecentLines({ pageBytes: 1_000 });
  let after = 0;
  for (let round = 0; round < 20; round++) {
    put(recent, after + 1, after + 4);
    const first = recent.take(after)!;
    const before = Buffer.from(first.opened);
    put(recent, after + 5, after + 12);
    expect(first.opened.equals(before)).toBe(true);
    for (after = first.last; after < round * 12 + 12; ) after = take(recent, after).at(-1)!;
  }
});

test("gives lines of one epoch at a time", () => {
  const recent = keepRecentLines();
  put(recent, 1, 2);
  put(recent, 3, 4, { epoch: 2 });
  expect(recent.take(0)).toMatchObject({ epoch: 1, first: 1, last: 2 });
  expect(recent.take(2)).toMatchObject({ epoch: 2, first: 3, last: 4 });
});

test("never gives lines over a gap, nor any that were followed by others since", () => {
  const recent = keepRecentLines();
  put(recent, 1, 3);
  put(recent, 5, 6);
  expect(take(recent, 0)).toEqual([]);
  expect(take(recent, 4)).toEqual([5, 6]);
  put(recent, 7, 9);
  put(recent, 8, 8, { text: "other" });
  expect(take(recent, 6)).toEqual([]);
  expect(take(recent, 7, (position) => line(position, "other"))).toEqual([8]);
});

test("says whether more waits behind what it gives", () => {
  const recent = keepRecentLines({ pageBytes: 1_000 });
  put(recent, 1, 2);
  expect(recent.take(0)).toMatchObject({ last: 2, isPart: false });
  // The rest of a page, and what went on to the next with it.
  put(recent, 3, 5);
  const rest = recent.take(2)!;
  expect(rest.isPart).toBe(true);
  expect(recent.take(rest.last)).toMatchObject({ last: 5, isPart: false });
});

describe("uses its memory again", () => {
  /** Buffers that this makes. */
  const madeBy = (work: () => void): number => {
    const make = vi.spyOn(Buffer, "allocUnsafeSlow");
    work();
    const { length } = make.mock.calls;
    make.mockRestore();
    return length;
  };

  test("where somebody else writes between, and after all was let go", () => {
    const recent = keepRecentLines({ pageBytes: 1_000, pagesMax: 4 });
    const made = madeBy(() => {
      for (let i = 0; i < 100; i++) {
        put(recent, 1 + 2 * i, 1 + 2 * i);
        expect(take(recent, 2 * i)).toEqual([1 + 2 * i]);
        if (i % 5 === 0) recent.clear();
      }
    });
    expect(made).toBeLessThan(4);
  });

  test("where nobody takes", () => {
    const recent = keepRecentLines({ pageBytes: 1_000, pagesMax: 4 });
    const made = madeBy(() => {
      for (let position = 1; position <= 300; position++) put(recent, position, position);
    });
    // Those that are held, and the one that the next lines are written to.
    expect(made).toBe(5);
    expect(take(recent, 299)).toEqual([300]);
  });
});

test("past its bound lets the oldest go, and at a word all", () => {
  const recent = keepRecentLines({ pageBytes: 1_000, pagesMax: 2 });
  for (let position = 1; position <= 12; position++) put(recent, position, position);
  expect(take(recent, 0)).toEqual([]);
  const held = Array.from({ length: 12 }, (_, i) => i).find((after) => recent.take(after) !== undefined);
  expect(held).toBeGreaterThan(3);
  recent.clear();
  put(recent, 13, 13);
  recent.clear();
  expect(take(recent, 12)).toEqual([]);
});
