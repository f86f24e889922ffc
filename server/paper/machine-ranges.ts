import { randomBytes, randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import * as z from "zod/mini";
import { machinePack, machinePacksMax } from "#domain/paper/number.ts";
import { SetupProblem } from "../config.ts";
import type { ControlLog } from "../logs/control-log.ts";
import { type MachineRange, MachineTaken, registerMachine } from "./packs.ts";

/** What HOLDFAST_DATA/paper/<trust>.json holds: each machine that used this directory has a range of its own. */
const ranges = z.array(
  z.object({
    /** A copied directory is on another machine: there it draws anew. */
    host: z.string(),
    machine: z.string().check(z.regex(/^\d{9}$/)),
    secret: z.string(),
    packs: z.array(z.object({ id: z.string(), forms: z.int(), printedAt: z.string() })),
  }),
);
type Ranges = z.infer<typeof ranges>;

const read = (file: string): Ranges => {
  if (!existsSync(file)) return [];
  try {
    return ranges.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new SetupProblem(
      "paper-range",
      `${file} cannot be read as ranges of paper numbers.`,
      "restore it: it says which numbers were printed here. If it is lost, move it away; another range is then drawn.",
    );
  }
};

/** On the disk before anything is printed: a number that was printed is never given again. */
const keep = (file: string, kept: Ranges): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(kept, null, 2), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
};

const drawn = (host: string): Ranges[number] => ({
  host,
  machine: String(randomInt(1_000_000_000)).padStart(9, "0"),
  secret: randomBytes(16).toString("hex"),
  packs: [],
});

/** The next pack of this machine's own range, for when there is no base to ask. */
export const takeFromRange = (
  file: string,
  letters: string,
  forms: number,
  host = hostname(),
): MachineRange["packs"][number] => {
  const all = read(file);
  // The last one: one that was full, or that another machine had, stands before it.
  const mine = all.findLast((range) => range.host === host && range.packs.length < machinePacksMax) ?? drawn(host);
  const id = `${letters}-${machinePack(mine.machine, mine.packs.length + 1)}`;
  const pack = { id, forms, printedAt: new Date().toISOString() };
  keep(file, [...all.filter((range) => range !== mine), { ...mine, packs: [...mine.packs, pack] }]);
  return pack;
};

/**
 * Makes the ranges in a file known at the base, with every pack that was printed from them, and sees that this machine has one. A
 * machine that was known before it printed alone cannot clash: the base gives its digits to nobody else. Digits that are taken
 * are drawn again as long as nothing was printed with them; otherwise rejects with a SetupProblem that names the packs.
 */
export const registerRanges = async (log: ControlLog, file: string, host = hostname()): Promise<number> => {
  const all = read(file);
  if (!all.some((range) => range.host === host)) all.push(drawn(host));
  let registered = 0;
  for (let i = 0; i < all.length; ) {
    const range = all[i]!;
    try {
      registered += await registerMachine(log, range);
      i += 1;
    } catch (error) {
      if (!(error instanceof MachineTaken)) throw error;
      if (range.packs.length > 0) throw printedTwice(range, file);
      all[i] = drawn(range.host);
    }
  }
  keep(file, all);
  return registered;
};

const printedTwice = ({ packs }: MachineRange, file: string): SetupProblem =>
  new SetupProblem(
    "paper-machine-taken",
    `Another machine has the same range of paper numbers, so these packs may exist twice: ${packs.map(({ id }) => id).join(", ")}.`,
    `fetch them back and destroy them unused; then move ${file} away and run this again.`,
  );
