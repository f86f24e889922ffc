import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { basePack } from "#domain/paper/number.ts";
import { type ControlLog, StaleSubject } from "../logs/control-log.ts";
import { machineSubject, type PackSubject, packSubject } from "./subjects.ts";

/** Of what this command writes into the control log. */
const reason = "holdfast paper";

/**
 * Four digits of this life of the log. A restore begins another life, and may have lost the last lines of the former one: with
 * another series its packs are others.
 */
const seriesOf = (incarnation: string): string => {
  const digest = createHash("sha256").update(`holdfast-paper-series ${incarnation}`).digest();
  return String(digest.readUInt32BE(0) % 10_000).padStart(4, "0");
};

/**
 * Reserves the next pack of this life as a line of the control log, and only then may it be printed. Two that ask at once get two:
 * the line must be the pack's first. Rejects with a RangeError after 9,999 packs of one life.
 */
export const reservePack = async (
  log: ControlLog,
  letters: string,
  incarnation: string,
  forms: number,
): Promise<string> => {
  const series = seriesOf(incarnation);
  const mine = `${letters}-${series}`;
  const length = `${letters}-${basePack(series, 1)}`.length;
  const taken = (await log.all("paper-pack")).filter(({ id }) => id.length === length && id.startsWith(mine));
  let count = Math.max(0, ...taken.map(({ id }) => Number(id.slice(mine.length)))) + 1;
  for (;;) {
    const id = `${letters}-${basePack(series, count)}`;
    const state: PackSubject = { forms, printedAt: new Date().toISOString() };
    try {
      await log.append([{ kind: "paper-pack", id, state, by: {}, reason, expected: 0 }]);
      return id;
    } catch (error) {
      if (!(error instanceof StaleSubject)) throw error;
      count += 1;
    }
  }
};

/** What a machine has printed without the base, as it keeps it. */
export interface MachineRange {
  /** Nine digits. */
  machine: string;
  secret: string;
  packs: { id: string; forms: number; printedAt: string }[];
}

/** Another machine is known by these digits. Nothing was written. */
export class MachineTaken extends Error {
  constructor(machine: string) {
    super(`Another machine is registered as ${machine}.`);
    this.name = "MachineTaken";
  }
}

/**
 * Makes a machine known, and the packs that it printed without the base. Repeatable. Rejects with MachineTaken where another
 * machine has these digits, having written nothing.
 */
export const registerMachine = async (log: ControlLog, { machine, secret, packs }: MachineRange): Promise<number> => {
  const isAnother = async (): Promise<boolean> => {
    const held = await log.find("paper-machine", machine);
    return held !== undefined && machineSubject.parse(held.state).secret !== secret;
  };
  if ((await log.find("paper-machine", machine)) === undefined) {
    const state = { secret, name: hostname() };
    await log
      .append([{ kind: "paper-machine", id: machine, state, by: {}, reason, expected: 0 }])
      .catch((error: unknown) => {
        if (!(error instanceof StaleSubject)) throw error;
      });
  }
  if (await isAnother()) throw new MachineTaken(machine);
  let registered = 0;
  for (const pack of packs) if (await registerPack(log, machine, pack)) registered += 1;
  return registered;
};

/** False where it is known already. The desk may have been faster, from the cover that came in: what it said about the vehicle stays. */
const registerPack = async (
  log: ControlLog,
  machine: string,
  { id, forms, printedAt }: MachineRange["packs"][number],
): Promise<boolean> => {
  for (;;) {
    const held = await log.find("paper-pack", id);
    if (held !== undefined && packSubject.parse(held.state).machine === machine) return false;
    const state: PackSubject = { ...(held && packSubject.parse(held.state)), forms, printedAt, machine };
    try {
      await log.append([{ kind: "paper-pack", id, state, by: {}, reason, expected: held?.position ?? 0 }]);
      return true;
    } catch (error) {
      // Another run of this very command, or the desk: what it made of the pack is looked at again.
      if (!(error instanceof StaleSubject)) throw error;
    }
  }
};
