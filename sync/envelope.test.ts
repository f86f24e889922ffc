import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryBytesMax, entry as schema } from "#domain/entry/entry.ts";
import { sizes } from "#test/sizes.ts";
import { isEntry, readEntry } from "./envelope.ts";

const id = "00000000-0000-7000-8000-000000000001";
const good = {
  id,
  recordId: id,
  deviceId: id,
  n: 2,
  prev: "a".repeat(64),
  kind: "note",
  v: 1,
  salt: "0".repeat(32),
  occurredAt: "2026-01-15T10:00:00.000Z",
  recorded: { clock: "2026-01-15T10:00:00.000Z", timeZone: "UTC", serverOffsetMs: null, serverOffsetAgeMs: 7 },
  author: { userId: "u", name: "n", role: "r", signIn: "pin", vouchedBy: "v", coSign: "needed" },
  ref: { rel: "amends", id, reason: "slip" },
  body: { text: "x" },
  blobs: [{ sha256: "b".repeat(64), bytes: 3, mime: "text/plain", preview: "p" }],
};

/** Every place in the sample, as a path of keys. */
const pathsOf = (value: unknown, path: string[] = []): string[][] =>
  typeof value === "object" && value !== null
    ? [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))]
    : [path];
const nearMisses = [
  ...[null, true, false, 0, 1, -1, 1.5, 1e6, 1e6 + 1, 1000, 1001, 2 ** 53, -(2 ** 53), 1e300, "", "a", [], {}, [1]],
  ...["x".repeat(40), "x".repeat(41), "x".repeat(60), "x".repeat(61), "x".repeat(100), "x".repeat(101)],
  ...["x".repeat(200), "x".repeat(201), "x".repeat(2000), "x".repeat(2001), "x".repeat(20_000), "x".repeat(20_001)],
  ...[`${id}\n`, id.toUpperCase(), "a".repeat(64), "A".repeat(64), "a".repeat(32), "2026-01-15T10:00:00Z"],
  ...["2026-99-99T99:99:99.999Z", "strikes", "about", "a-9", "-a", "a\n", Array(16).fill(good.blobs[0])],
  Array(17).fill(good.blobs[0]),
];
const change = fc.record({
  path: fc.constantFrom(...pathsOf(good)),
  to: fc.oneof(fc.constantFrom(...nearMisses, undefined), fc.jsonValue()),
});
const changed = (changes: { path: string[]; to: unknown }[]): unknown => {
  let root: unknown = structuredClone(good);
  for (const { path, to: given } of changes) {
    // A copy: a second change may reach into what the first one put there.
    const to = structuredClone(given);
    const last = path.at(-1);
    if (last === undefined) {
      root = to;
      continue;
    }
    let at = root as Record<string, unknown> | null | undefined;
    for (const key of path.slice(0, -1)) at = at?.[key] as Record<string, unknown> | undefined;
    if (typeof at === "object" && at !== null) at[last] = to;
  }
  return root === undefined ? undefined : JSON.parse(JSON.stringify(root));
};

describe("the fast reader of envelopes", () => {
  test("accepts exactly what the schema accepts", () => {
    const verdicts = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(change, { maxLength: 2 }), (changes) => {
        const value = changed(changes);
        const accepted = schema.safeParse(value).success;
        verdicts[accepted ? "accepted" : "refused"]++;
        expect(isEntry(value)).toBe(accepted);
      }),
      { numRuns: sizes.fuzz * 10 },
    );
    expect(verdicts.accepted).toBeGreaterThan(0);
    expect(verdicts.refused).toBeGreaterThan(0);
  });

  test("each near miss at each place", () => {
    for (const path of pathsOf(good)) {
      for (const to of [undefined, ...nearMisses]) {
        const value = changed([{ path, to }]);
        expect(isEntry(value), `${path.join(".")} = ${JSON.stringify(to)}`).toBe(schema.safeParse(value).success);
      }
    }
  });

  test("a body may be 12 deep and no deeper, and its keys may be anything", () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
    const text = (body: unknown): string => JSON.stringify({ ...good, body });
    expect(readEntry(text(nested(11))).entry).toBeDefined();
    expect(readEntry(text(nested(12)))).toMatchObject({ entry: undefined, code: "unreadable", prev: good.prev });
    expect(readEntry(text(JSON.parse('{"__proto__": {"a": 1}}'))).entry).toBeDefined();
  });

  test("the largest entry is counted in UTF-8 bytes", () => {
    const overhead = new TextEncoder().encode(JSON.stringify({ ...good, body: { t: "" } })).length;
    const withBytes = (bytes: number): string =>
      JSON.stringify({ ...good, body: { t: `${"é".repeat(Math.floor(bytes / 2))}${bytes % 2 ? "e" : ""}` } });
    expect(readEntry(withBytes(entryBytesMax - overhead)).entry).toBeDefined();
    expect(readEntry(withBytes(entryBytesMax - overhead + 1)).code).toBe("too-large");
    expect(readEntry("{").code).toBe("unreadable");
  });
});
