import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { numbersOfPack } from "#domain/paper/number.ts";
import { controlLogOf } from "../devices.ts";
import { expectWronglyCalled, runHoldfast } from "../holdfast.ts";
import { postgresVersions } from "../postgres.ts";
import { useFolder, usePostgres, useServer } from "../set-up.ts";

const folder = useFolder("paper-command");
const postgres = usePostgres(postgresVersions[0]!);
const server = useServer(() => ({ databaseUrl: postgres.url }));
/** A port that nothing listens on. */
const nowhere = "postgres://nobody:nothing@127.0.0.1:9/postgres";

const paper = (args: string[], settings: Record<string, string> = {}) =>
  runHoldfast(["paper", ...args], { HOLDFAST_DATA: server.dataDirectory, DATABASE_URL: postgres.url, ...settings });
const out = (name: string) => join(folder, `${name}.pdf`);
const packIn = (told: string) => JSON.parse(told) as { pack: string; forms: number; out: string; known: boolean };

describe("holdfast paper", () => {
  test.each([
    [[]],
    [["--trust", "nowhere"]],
    [["--trust", "northmoor", "--forms", "0"]],
    [["--trust", "northmoor", "--fast"]],
  ])("%j is wrongly called: 2", async (args) => {
    await expectWronglyCalled(["paper", ...args]);
  });

  test("reserves each pack at the base before it is printed, also when two print at once", async () => {
    const names = ["one", "two", "three"];
    const done = await Promise.all(
      names.map((name) => paper(["--trust", "northmoor", "--forms", "2", "--out", out(name), "--json"])),
    );
    expect(done.map(({ code, told }) => [code, told])).toEqual(names.map(() => [0, ""]));
    const packs = done.map((each) => packIn(each.out).pack);
    expect(new Set(packs).size).toBe(3);
    for (const [i, pack] of packs.entries()) {
      expect(readFileSync(out(names[i]!)).subarray(0, 5).toString()).toBe("%PDF-");
      expect((await controlLogOf(server).find("paper-pack", pack))?.state).toMatchObject({ forms: 2 });
    }
  });

  test("prints without a base from the machine's own range, and makes it known with the next run", async () => {
    const alone = { DATABASE_URL: nowhere };
    const args = ["--trust", "northmoor", "--forms", "3", "--json"];
    const refused = await paper([...args, "--out", out("refused")], alone);
    expect([refused.code, refused.told]).toEqual([3, expect.stringContaining("--no-base")]);
    expect(existsSync(out("refused"))).toBe(false);
    // At once, and no number twice.
    const names = ["alone-1", "alone-2", "alone-3"];
    const printed = await Promise.all(names.map((name) => paper([...args, "--no-base", "--out", out(name)], alone)));
    expect(printed.map(({ code, told }) => [code, told])).toEqual(names.map(() => [0, ""]));
    expect(printed.map((each) => packIn(each.out).known)).toEqual([false, false, false]);
    const packs = printed.map((each) => packIn(each.out).pack);
    const log = controlLogOf(server);
    expect(await log.find("paper-pack", packs[0]!)).toBeUndefined();
    const back = packIn((await paper([...args, "--out", out("back")])).out).pack;
    for (const pack of packs) expect((await log.find("paper-pack", pack))?.state).toMatchObject({ forms: 3 });
    const numbers = [...packs, back].flatMap((pack) => numbersOfPack({ pack, forms: 3 }));
    expect(new Set(numbers).size).toBe(12);
  });

  test("a life of the log that a restore began gives other numbers, whatever lines the former one lost", async () => {
    const series = async () => {
      const printed = await paper(["--trust", "northmoor", "--forms", "1", "--out", out("life"), "--json"]);
      return packIn(printed.out).pack.slice(3, 7);
    };
    const before = await series();
    await server.cells.get("northmoor")!.newIncarnation();
    expect(await series()).not.toBe(before);
  });
});
