import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { entry } from "#domain/entry/entry.ts";
import { kinds, kindVersion } from "#domain/kinds.ts";
import { headStatement, quarantineCodes } from "./push.ts";
import { oldestSupportedVersion, protocolVersion } from "./version.ts";

/**
 * Fingerprints of every schema that crosses a wire or is kept for ever, by protocol version. A change that older programs
 * cannot read gets a new version and a new line here and in version.ts. A change that they can read, before the first
 * release or because it only adds something optional, replaces the last line. Earlier lines are never edited.
 */
const history: readonly { version: number; fingerprint: string }[] = [{ version: 1, fingerprint: "6fd98363b2dac61c" }];

const files = import.meta.glob<Record<string, unknown>>(["./*.ts", "./control/*.ts", "!./*.test.ts"], { eager: true });
const isSchema = (value: unknown): value is z.core.$ZodType =>
  typeof value === "object" && value !== null && "_zod" in value;

/** Every schema that a file of this folder exports, and of domain/ the envelope and the body of each kind. */
const messages: Record<string, z.core.$ZodType> = {
  entry,
  ...Object.fromEntries(Object.entries(kinds).map(([kind, body]) => [`kind ${kind} v${kindVersion}`, body])),
  ...Object.fromEntries(
    Object.values(files).flatMap((file) =>
      Object.entries(file).flatMap(([name, value]) => (isSchema(value) ? [[name, value]] : [])),
    ),
  ),
};

const fingerprint = (parts: Readonly<Record<string, unknown>>): string => {
  const names = Object.keys(parts).sort();
  const described = names.map((name) => [name, parts[name]]);
  return createHash("sha256").update(JSON.stringify(described)).digest("hex").slice(0, 16);
};
const schemasOf = (schemas: Readonly<Record<string, z.core.$ZodType>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, z.toJSONSchema(schema)]));
const rest = {
  quarantineCodes: [...quarantineCodes],
  headStatement: headStatement({ deviceId: "d", recordId: "r", n: 1, hash: "h" }),
};

test("no message changes without the version history saying so", () => {
  const now = { version: protocolVersion, fingerprint: fingerprint({ ...schemasOf(messages), ...rest }) };
  expect(history.at(-1), "a message has changed: see the comment above `history`").toEqual(now);
});

test("the fingerprint covers every message", () => {
  const expected = [
    "pushRequest",
    "pullResponse",
    "headsRequest",
    "poke",
    "problem",
    "enrolResponse",
    "arrivalsResponse",
  ];
  expect(Object.keys(messages)).toEqual(expect.arrayContaining([...expected, "entry", "kind note v1"]));
});

test("the history counts up by one, and the oldest version still answered is in it", () => {
  expect(history.map((h) => h.version)).toEqual(history.map((_, i) => i + 1));
  expect(oldestSupportedVersion).toBeGreaterThanOrEqual(1);
  expect(oldestSupportedVersion).toBeLessThanOrEqual(protocolVersion);
});

test("a fingerprint sees a limit, an optional field and a renamed one", () => {
  const of = (schema: z.core.$ZodType): string => fingerprint(schemasOf({ message: schema }));
  const base = z.object({ a: z.string().check(z.maxLength(5)) });
  for (const changed of [
    z.object({ a: z.string().check(z.maxLength(6)) }),
    z.object({ a: z.optional(z.string().check(z.maxLength(5))) }),
    z.object({ b: z.string().check(z.maxLength(5)) }),
    z.object({ a: z.string().check(z.maxLength(5)), b: z.optional(z.int()) }),
  ]) {
    expect(of(changed)).not.toBe(of(base));
  }
});
