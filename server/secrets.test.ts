import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openLocalJournal } from "./logs/local-journal.ts";
import { secretFile } from "./secrets.ts";

/** Paths by open descriptor, and those that were flushed: what a power cut leaves is what was flushed before it. */
const seen = vi.hoisted(() => ({ open: new Map<number, string>(), flushed: [] as string[] }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    openSync: (path: string, flags: string, mode?: number) => {
      const descriptor = fs.openSync(path, flags, mode);
      seen.open.set(descriptor, path);
      return descriptor;
    },
    fsyncSync: (descriptor: number) => {
      seen.flushed.push(seen.open.get(descriptor)!);
      fs.fsyncSync(descriptor);
    },
  };
});

describe("what must be there after a power cut", () => {
  let data: string;
  beforeAll(() => {
    data = mkdtempSync(join(tmpdir(), "holdfast-secrets-"));
  });
  afterAll(() => rmSync(data, { recursive: true }));

  test("a secret, and every folder that was made for it, is flushed before it is given", () => {
    seen.flushed = [];
    const path = join(data, "new", "keys", "trust.key");
    const secret = secretFile(path);
    expect(readFileSync(path, "utf8").trim()).toBe(secret);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(seen.flushed[0]).toContain(path);
    expect(seen.flushed.slice(1)).toEqual([join(data, "new", "keys"), join(data, "new"), data]);
    expect(secretFile(path)).toBe(secret);
  });

  test("the journal's file is found again, and its folder", async () => {
    seen.flushed = [];
    const journal = openLocalJournal(join(data, "journal", "trust.access"));
    await journal.add({ hash: "h", sealed: "s" });
    expect(seen.flushed).toEqual([join(data, "journal"), data]);
    await journal.add({ hash: "i", sealed: "s" });
    expect(seen.flushed).toHaveLength(2);
  });
});
