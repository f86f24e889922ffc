import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type KeptLine, type LocalJournal, openLocalJournal } from "./local-journal.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-journal-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const pathOf = (name: string) => join(folder, "journal", name);
const line = (hash: string): KeptLine => ({ hash, sealed: `sealed ${hash}` });
const hashesIn = async (journal: LocalJournal): Promise<string[]> => {
  const hashes: string[] = [];
  for await (const lines of journal.read()) hashes.push(...lines.map(({ hash }) => hash));
  return hashes;
};

test("a line that was torn costs itself, and not the one behind it", async () => {
  const path = pathOf("torn");
  await openLocalJournal(path).add(line("a"));
  appendFileSync(path, '{"hash":"torn');
  const journal = openLocalJournal(path);
  await journal.add(line("b"));
  await journal.add(line("c"), line("d"));
  expect(await hashesIn(journal)).toEqual(["a", "b", "c", "d"]);
});

test("what one drain did not end with is handed over by the next, in turns, and forgotten then", async () => {
  const path = pathOf("drained");
  const all = Array.from({ length: 4_500 }, (_, n) => line(String(n)));
  const first = openLocalJournal(path);
  await first.add(...all);
  const broken = first.drain(async (lines) => {
    if (lines[0]!.hash !== "0") throw new Error("the database went away");
  });
  await expect(broken).rejects.toThrow("went away");
  // Both files are there now.
  const journal = openLocalJournal(path);
  await journal.add(line("later"));
  expect((await hashesIn(journal)).length).toBe(4_501);
  const turns: number[] = [];
  const handed: string[] = [];
  await journal.drain(async (lines) => {
    turns.push(lines.length);
    handed.push(...lines.map(({ hash }) => hash));
  });
  expect(turns.length).toBeGreaterThan(2);
  expect(handed).toEqual([...all.map(({ hash }) => hash), "later"]);
  expect(journal.holds()).toBe(false);
  expect(existsSync(path)).toBe(false);
});

test("what cannot be handed over is set aside in the midst of it, and holds up neither the others nor what is added", async () => {
  const path = pathOf("aside");
  const journal = openLocalJournal(path);
  await journal.add(line("a"), line("x"), line("b"));
  const handed: string[] = [];
  await journal.drain(async (lines) => {
    const bad = lines.filter(({ hash }) => hash === "x");
    if (bad.length > 0) {
      await journal.setAside(bad);
      await journal.add(line("c"));
    }
    handed.push(...lines.filter(({ hash }) => hash !== "x").map(({ hash }) => hash));
  });
  expect(handed).toEqual(["a", "b", "c"]);
  expect(journal.holds()).toBe(false);
  expect(readFileSync(`${path}.unread`, "utf8")).toContain('"hash":"x"');
});
