import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { kinds } from "#domain/kinds.ts";
import { compiled } from "./compiled.ts";

const schemaOf = () =>
  z.object({
    id: z.string().check(z.regex(/^[a-z]+$/)),
    n: z.optional(z.nullable(z.int().check(z.minimum(1)))),
    list: z.array(z.object({ is: z.union([z.literal(1), z.object({ deep: z.optional(z.boolean()) })]) })),
    by: z.record(z.string(), z.object({ at: z.number() })),
    strict: z.optional(z.strictObject({ a: z.string() })),
    checked: z.optional(
      z.object({ from: z.number(), to: z.number() }).check(z.refine(({ from, to }) => from <= to, "from is after to")),
    ),
  });

const isCompiled = (schema: z.core.$ZodType): boolean => schema._zod.traits.has("$ZodObjectJIT");

const orNoise = <T>(sound: fc.Arbitrary<T>) => fc.oneof({ weight: 30, arbitrary: sound }, fc.anything());
const span = fc.record({ from: fc.constantFrom(1, 5), to: fc.constantFrom(1, 5) });
const is = fc.oneof(fc.constant(1), fc.record({ deep: orNoise(fc.boolean()) }, { requiredKeys: [] }));
/** Mostly sound, here and there not. */
const values = fc.record(
  {
    id: orNoise(fc.constantFrom("abc", "x")),
    list: orNoise(fc.array(orNoise(fc.record({ is: orNoise(is) })), { maxLength: 3 })),
    by: orNoise(fc.dictionary(fc.string(), orNoise(fc.record({ at: fc.integer() })), { maxKeys: 3 })),
    n: orNoise(fc.constantFrom(1, 2, null, undefined)),
    strict: orNoise(fc.oneof(fc.record({ a: fc.string() }), fc.record({ a: fc.string(), b: fc.string() }))),
    checked: orNoise(span),
    more: fc.anything(),
  },
  { requiredKeys: ["id", "list", "by"] },
);

test("a compiled schema takes and refuses the same, with the same issues and the same result", () => {
  const [plain, fast] = [schemaOf(), compiled(schemaOf())];
  expect([plain, fast].map(isCompiled)).toEqual([false, true]);
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(orNoise(values), (value) => {
      const [expected, found] = [plain.safeParse(value), fast.safeParse(value)];
      expect(found.success).toBe(expected.success);
      expect(found.data).toEqual(expected.data);
      expect(Object.keys(found.data ?? {})).toEqual(Object.keys(expected.data ?? {}));
      expect(found.error?.issues).toEqual(expected.error?.issues);
      seen[found.success ? "taken" : "refused"] += 1;
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(200);
});

test("also the objects inside of it are compiled, and every body that a server folds", () => {
  const inner = z.object({ a: z.string() });
  compiled(z.object({ each: z.optional(z.array(z.union([z.string(), z.nullable(inner)]))) }));
  expect(isCompiled(inner)).toBe(true);
  expect(Object.values(kinds).every(isCompiled)).toBe(true);
});
