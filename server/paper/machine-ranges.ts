import { randomBytes, randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import * as z from "zod/mini";
import { machinePack, machinePacksMax } from "#domain/paper/number.ts";
import { SetupProblem } from "../config.ts";
import type { ControlLog } from "../logs/control-log.ts";
import { syncFolder } from "../secrets.ts";
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

/** Waited for another process that has the file, ms: it holds it for one write. */
const heldMsMax = 10_000;
/** Whoever has held it for so long was cut off in the midst, ms: its draft is written over. */
const abandonedMs = 60_000;

/**
 * Changes the file, one process at a time: of two that print at once each finds what the other took. On the disk before anything is
 * printed: a number that was printed is never given again.
 */
const change = (file: string, to: (held: Ranges) => Ranges): Ranges => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = `${file}.lock`;
  hold(lock);
  try {
    const changed = to(read(file));
    writeFileSync(`${file}.new`, JSON.stringify(changed, null, 2), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    syncFolder(dirname(file));
    return changed;
  } finally {
    letGo(lock);
  }
};

/** Of the folder, ms; 0 where it is gone. */
const ageMs = (folder: string): number => {
  const made = statSync(folder, { throwIfNoEntry: false });
  return made === undefined ? 0 : Date.now() - made.mtimeMs;
};

const letGo = (lock: string): void => rmSync(lock, { recursive: true, force: true });

const hold = (lock: string): void => {
  const giveUp = Date.now() + heldMsMax;
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (ageMs(lock) > abandonedMs) letGo(lock);
    if (Date.now() > giveUp)
      throw new SetupProblem(
        "paper-range-held",
        `Another process has the ranges of paper numbers, or ended while it wrote them: ${lock}.`,
        "if nobody prints paper on this machine now, remove that folder and run this again.",
      );
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
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
  const printedAt = new Date().toISOString();
  const all = change(file, (held) => {
    // The last one: one that was full, or that another machine had, stands before it.
    const mine = held.findLast((range) => range.host === host && range.packs.length < machinePacksMax) ?? drawn(host);
    const id = `${letters}-${machinePack(mine.machine, mine.packs.length + 1)}`;
    const packs = [...mine.packs, { id, forms, printedAt }];
    return [...held.filter((range) => range !== mine), { ...mine, packs }];
  });
  return all.at(-1)!.packs.at(-1)!;
};

/**
 * Makes the ranges in a file known at the base, with every pack that was printed from them, and sees that this machine has one. A
 * machine that was known before it printed alone cannot clash: the base gives its digits to nobody else. Digits that are taken
 * are drawn again as long as nothing was printed with them; otherwise rejects with a SetupProblem that names the packs.
 */
export const registerRanges = async (log: ControlLog, file: string, host = hostname()): Promise<number> => {
  let all = read(file);
  if (!all.some((range) => range.host === host))
    all = change(file, (held) => (held.some((range) => range.host === host) ? held : [...held, drawn(host)]));
  let registered = 0;
  for (let i = 0; i < all.length; ) {
    const { machine } = all[i]!;
    try {
      registered += await registerMachine(log, all[i]!);
      i += 1;
    } catch (error) {
      if (!(error instanceof MachineTaken)) throw error;
      // Somebody may have printed with it meanwhile.
      const isUnused = (range: Ranges[number]) => range.machine === machine && range.packs.length === 0;
      all = change(file, (held) => held.map((range) => (isUnused(range) ? drawn(range.host) : range)));
      const printed = all.find((range) => range.machine === machine);
      if (printed !== undefined) throw printedTwice(printed, file);
      i = 0;
    }
  }
  return registered;
};

const printedTwice = ({ packs }: MachineRange, file: string): SetupProblem =>
  new SetupProblem(
    "paper-machine-taken",
    `Another machine has the same range of paper numbers, so these packs may exist twice: ${packs.map(({ id }) => id).join(", ")}.`,
    `fetch them back and destroy them unused; then move ${file} away and run this again.`,
  );
