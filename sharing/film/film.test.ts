import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CollectorParts, createCollector, type FilmKeys } from "./collector.ts";
import { packEntry, unpackEntry } from "./entries.ts";
import { addTimes, inverse } from "./field.ts";
import { blocksIn, RowSolver, rowFactors, rowOf } from "./fountain.ts";
import { type FilmHeader, type FilmPlace, frameTold, readFrame } from "./frame.ts";
import { filmLimits } from "./limits.ts";
import { createProjector, slotOf } from "./projector.ts";
import { seededWords } from "./seeded.ts";

/** Bytes that look like nothing, the same for the same seed. */
const noise = (length: number, seed: number): Uint8Array<ArrayBuffer> => {
  const next = seededWords(seed);
  return Uint8Array.from({ length }, () => next() & 0xff);
};
const shuffled = <T>(items: readonly T[], seed: number): T[] => {
  const next = seededWords(seed);
  return items
    .map((item) => ({ item, by: next() }))
    .sort((a, b) => a.by - b.by)
    .map(({ item }) => item);
};

describe("the fountain", () => {
  test("sums over a field: every factor has its inverse, and times and plus may be done in any order", () => {
    const times = (a: number, b: number): number => {
      const product = new Uint8Array(1);
      addTimes(product, Uint8Array.of(a), b);
      return product[0]!;
    };
    const byte = fc.integer({ min: 0, max: 255 });
    for (let factor = 1; factor < 256; factor++) expect(times(factor, inverse(factor))).toBe(1);
    fc.assert(
      fc.property(byte, byte, byte, (a, b, c) => {
        expect(times(a, b)).toBe(times(b, a));
        expect(times(times(a, b), c)).toBe(times(a, times(b, c)));
        expect(times(a, b ^ c)).toBe(times(a, b) ^ times(a, c));
      }),
    );
  });

  test("the first rows are the blocks themselves, and every later one is a sum of some", () => {
    const body = noise(2_500, 1);
    expect(rowOf(body, 704, 1)).toEqual(body.subarray(704, 1408));
    for (let row = 0; row < 2_000; row++) expect(rowFactors(row, 2).some((factor) => factor !== 0)).toBe(true);
  });

  test("rows are what they were: a reader of another version sums the same blocks", () => {
    expect([7, 12, 65_534].map((row) => rowFactors(row, 7).join(" "))).toMatchInlineSnapshot(`
      [
        "99 70 61 183 192 242 107",
        "62 44 64 220 137 213 165",
        "162 200 56 167 50 189 202",
      ]
    `);
  });

  test("any rows that are enough give the body back, whichever were missed and in whatever order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30_000 }),
        fc.integer({ min: 0, max: 0.8 * 100 }),
        fc.integer({ min: 0, max: 1 << 30 }),
        (length, lossPercent, seed) => {
          const body = noise(length, seed);
          const rowBytes = Math.min(704, length);
          const solver = new RowSolver(length, rowBytes);
          const next = seededWords(seed ^ 0x5bd1e995);
          const rows = shuffled(
            Array.from({ length: 400 }, (_, row) => row),
            seed,
          ).filter(() => next() % 100 >= lossPercent);
          let used = 0;
          for (const row of rows) {
            if (solver.rank === solver.blocks) break;
            solver.take(row, rowOf(body, rowBytes, row));
            used++;
          }
          // Not by toEqual, which would look at each byte for longer than all the rest takes.
          expect(Buffer.compare(solver.body()!, body)).toBe(0);
          // Each that says nothing new is one in 250: three in one film would be another field, or another generator.
          expect(used).toBeLessThanOrEqual(blocksIn(length, rowBytes) + 3);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("every subset of the rows of a small body either solves it rightly or says that it does not", () => {
    const body = noise(9, 3);
    const rows = Array.from({ length: 8 }, (_, row) => row);
    let solved = 0;
    for (let subset = 0; subset < 1 << rows.length; subset++) {
      const solver = new RowSolver(body.length, 3);
      for (const row of rows) if (subset & (1 << row)) solver.take(row, rowOf(body, 3, row));
      expect(solver.body()).toEqual(solver.rank === 3 ? body : undefined);
      if (solver.rank === 3) solved++;
    }
    expect(solved).toBeGreaterThan(100);
  });

  test("a row that came before, or says nothing new, changes nothing", () => {
    const body = noise(1_000, 4);
    const solver = new RowSolver(1_000, 500);
    expect(solver.take(0, rowOf(body, 500, 0))).toBe(true);
    expect(solver.take(0, noise(500, 9))).toBe(false);
    expect(solver.rank).toBe(1);
    expect(() => solver.take(1, noise(3, 1))).toThrow(RangeError);
  });
});

const place: FilmPlace = { trust: "northmoor", siteId: "southgate-ed" };
const idOf = (n: number): string => n.toString(16).padStart(24, "0");
const headerOf = (n: number, at: FilmPlace = place): Omit<FilmHeader, "bodyBytes"> => ({
  kind: "record",
  filmId: idOf(n),
  deviceId: "00000000-0000-7000-8000-00000000000b",
  place: at,
  point: noise(65, n),
});
/** Keys that the film's point decides, as an agreement does; nothing is really sealed. */
const keysOf = ({ point }: { point: Uint8Array }): FilmKeys => ({
  tagOf: async (told) => createHmac("sha256", point).update(told).digest(),
  open: async (_part, sealed) => {
    if (sealed[0] === 0xff) throw new Error("does not open");
    return sealed;
  },
});
const filmOf = (n: number, body: Uint8Array, at?: FilmPlace) => {
  const header = headerOf(n, at);
  return createProjector({ header, summary: Uint8Array.of(1, 2, 3), body, tagOf: keysOf(header).tagOf });
};
const bodyOf = (length: number, seed: number) => {
  const body = noise(length, seed);
  body[0] = 0;
  return body;
};
const collector = (parts: Partial<CollectorParts> = {}) =>
  createCollector({
    kind: "record",
    keysFor: async (film) => (film.place.siteId === place.siteId ? [keysOf(film)] : "other-place"),
    isReceived: () => false,
    ...parts,
  });

describe("a film", () => {
  test("its first symbol is the summary, and it comes again", () => {
    expect([0, 1, 2, 3].map((slot) => slotOf(slot, true))).toEqual(["summary", "summary", 0, 1]);
    const shown = Array.from({ length: 60 }, (_, slot) => slotOf(slot, true));
    expect(shown.slice(2).filter((slot) => slot === "summary")).toHaveLength(2);
    expect(shown.filter((slot) => slot !== "summary")).toEqual(Array.from({ length: 56 }, (_, row) => row));
  });

  test("every frame fits its symbol, and says whose it is by itself", async () => {
    const film = filmOf(1, bodyOf(9_000, 1), { trust: "t".repeat(40), siteId: "s".repeat(40) });
    for (let slot = 0; slot < 30; slot++) {
      const bytes = await film.frameAt(slot);
      expect(bytes.length).toBeLessThanOrEqual(filmLimits.frameBytesMax);
      const read = readFrame(bytes);
      expect(read).toMatchObject({ frame: { filmId: idOf(1), bodyBytes: 9_000, place: { siteId: "s".repeat(40) } } });
    }
  });

  test("comes whole through any loss, and once", async () => {
    const body = bodyOf(6_000, 2);
    const film = filmOf(2, body);
    const { take } = collector();
    const next = seededWords(8);
    for (let slot = 0; slot < 200; slot++) {
      if (next() % 10 < 3) continue;
      const found = await take(await film.frameAt(slot));
      if (found.found !== "whole") continue;
      expect(found.opened).toEqual(body);
      return;
    }
    expect.unreachable("never whole");
  });

  test("any one byte changed in a frame is found, and what was good stays", async () => {
    const body = bodyOf(1_500, 3);
    const film = filmOf(3, body);
    const { take } = collector();
    const good = await film.frameAt(2);
    expect(await take(good)).toMatchObject({ found: "row", have: 1, of: 3 });
    const second = await film.frameAt(3);
    for (let at = 0; at < second.length; at++) {
      const bad = second.slice();
      bad[at]! ^= 1 << (at % 8);
      expect((await take(bad)).found, `byte ${at}`).toMatch(/^(none|newer|changed|other-place|too-large)$/);
    }
    expect(await take(second)).toMatchObject({ found: "row", have: 2, of: 3 });
    expect(await take(await film.frameAt(4))).toMatchObject({ found: "whole", opened: body });
  });

  test("with the check of the tag switched off, a changed frame spoils the whole", async () => {
    const body = bodyOf(1_500, 3);
    const film = filmOf(3, body);
    const blind: FilmKeys = { ...keysOf(headerOf(3)), tagOf: async () => new Uint8Array(32) };
    const { take } = collector({ keysFor: async () => [blind] });
    const frames = await Promise.all([2, 3, 4].map((slot) => film.frameAt(slot)));
    frames[1]![140]! ^= 1;
    let found: Awaited<ReturnType<typeof take>> | undefined;
    for (const frame of frames) {
      frame.fill(0, frame.length - 8);
      found = await take(frame);
    }
    expect(found).toMatchObject({ found: "whole" });
    expect(found && "opened" in found && found.opened).not.toEqual(body);
  });

  test("frames of two films never mix, even of one id", async () => {
    const bodies = [bodyOf(3_000, 4), bodyOf(3_000, 5)];
    const films = [filmOf(4, bodies[0]!), filmOf(5, bodies[1]!)];
    const { take } = collector();
    const whole: Uint8Array[] = [];
    for (let slot = 2; slot < 7; slot++)
      for (const film of films) {
        const found = await take(await film.frameAt(slot));
        if (found.found === "whole") whole.push(found.opened);
      }
    expect(whole).toEqual(bodies);
    const forged = { ...headerOf(4), point: noise(65, 77) };
    const other = createProjector({ header: forged, body: bodies[1]!, tagOf: keysOf(forged).tagOf });
    const both = collector();
    await both.take(await other.frameAt(0));
    let last: Awaited<ReturnType<typeof take>> | undefined;
    for (let slot = 2; slot < 7; slot++) last = await both.take(await films[0]!.frameAt(slot));
    expect(last).toMatchObject({ found: "whole", opened: bodies[0] });
  });

  test("for another site is named from its first frame, and a replay by its id", async () => {
    const elsewhere = filmOf(6, bodyOf(900, 6), { trust: "northmoor", siteId: "harbour-ed" });
    expect(await collector().take(await elsewhere.frameAt(0))).toEqual({
      found: "other-place",
      place: { trust: "northmoor", siteId: "harbour-ed" },
    });
    const again = collector({ isReceived: (filmId) => filmId === idOf(7) });
    expect(await again.take(await filmOf(7, bodyOf(900, 7)).frameAt(2))).toEqual({
      found: "replayed",
      filmId: idOf(7),
    });
    expect(await collector({ keysFor: async () => [] }).take(await filmOf(7, bodyOf(900, 7)).frameAt(2))).toEqual({
      found: "no-key",
    });
  });

  test("seen half is gone on with, and of many half-seen films the oldest goes first", async () => {
    const body = bodyOf(1_900, 8);
    const film = filmOf(8, body);
    const { take } = collector();
    await take(await film.frameAt(2));
    for (let n = 20; n < 20 + filmLimits.halfSeenMax - 1; n++) await take(await filmOf(n, bodyOf(1_900, n)).frameAt(2));
    expect(await take(await film.frameAt(3))).toMatchObject({ found: "row", have: 2 });
    expect(await take(await film.frameAt(4))).toMatchObject({ found: "whole" });
    for (let n = 40; n < 40 + filmLimits.halfSeenMax + 1; n++) await take(await filmOf(n, bodyOf(1_900, n)).frameAt(2));
    expect(await take(await filmOf(40, bodyOf(1_900, 40)).frameAt(3))).toMatchObject({ found: "row", have: 1 });
  });

  test("what does not open though it is whole is said to be damaged, and is collected anew", async () => {
    const bad = bodyOf(600, 9);
    bad[0] = 0xff;
    const film = filmOf(9, bad);
    const { take } = collector();
    expect(await take(await film.frameAt(2))).toEqual({ found: "damaged" });
    expect(await take(await film.frameAt(3))).toEqual({ found: "damaged" });
  });

  test("keeps its limits: a length nobody sends is refused before memory is given to it", async () => {
    const header = headerOf(10);
    const told = frameTold({ ...header, bodyBytes: 0xffffff, row: 0, bytes: noise(704, 1) });
    const tag = await keysOf(header).tagOf(told);
    const frame = Uint8Array.from([...told, ...tag.subarray(0, 8)]);
    expect(await collector().take(frame)).toEqual({ found: "too-large" });
    expect(() => filmOf(11, new Uint8Array(filmLimits.bodyBytesMax + 1))).toThrow(RangeError);
  });

  test("any bytes at all are read without harm", async () => {
    const { take } = collector();
    const good = await filmOf(12, bodyOf(3_000, 12)).frameAt(2);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 900 }), fc.nat(good.length), async (bytes, cut) => {
        expect((await take(bytes)).found).toBe("none");
        expect((await take(good.subarray(0, cut))).found).toMatch(/^(none|changed|row|again)$/);
      }),
    );
  });
});

describe("entries in a film", () => {
  const hash = "a".repeat(64);
  test("are the same text again, whatever stands in them", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (body, isLinked) => {
        const text = JSON.stringify({ body, prev: isLinked ? hash : "b".repeat(64), salt: "" });
        expect(unpackEntry(packEntry(text, hash), hash)).toBe(text);
      }),
    );
    for (const hostile of [`{"body":{"prev":"^"},"prev":"${hash}"}`, `{"x":{"prev":"${hash}"},"prev":"${hash}"}`])
      expect(unpackEntry(packEntry(hostile, hash), hash)).toBe(hostile);
  });
  test("leave out a predecessor that the reader knows", () => {
    expect(packEntry(`{"prev":"${hash}"}`, hash)).toBe('^{"prev":"^"}');
    expect(packEntry('{"prev":null}', undefined)).toBe('{"prev":null}');
  });
});
