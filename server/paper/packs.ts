import { hostname } from "node:os";
import { basePack } from "#domain/paper/number.ts";
import { type ControlLog, StaleSubject } from "../logs/control-log.ts";
import { type PackSubject, packSubject } from "./subjects.ts";

/**
 * Reserves the next pack of this epoch as a line of the control log, and only then may it be printed. Two that ask at once get two:
 * the line must be the pack's first.
 */
export const reservePack = async (log: ControlLog, letters: string, epoch: number, forms: number): Promise<string> => {
  const mine = `${letters}-${basePack(epoch, 1).slice(0, 2)}`;
  const taken = (await log.all("paper-pack"))
    .map(({ id }) => id)
    .filter((id) => id.length === 9 && id.startsWith(mine));
  let count = Math.max(0, ...taken.map((id) => Number(id.slice(mine.length)))) + 1;
  for (;;) {
    const id = `${letters}-${basePack(epoch, count)}`;
    const state: PackSubject = { forms, printedAt: new Date().toISOString() };
    try {
      await log.append([{ kind: "paper-pack", id, state, by: {}, reason: "holdfast paper", expected: 0 }]);
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
  const reason = "holdfast paper";
  const isAnother = async (): Promise<boolean> => {
    const held = await log.find("paper-machine", machine);
    return held !== undefined && held.state.secret !== secret;
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
  for (const { id, forms, printedAt } of packs) {
    const held = await log.find("paper-pack", id);
    // The desk may have been faster, from the cover that came in; what it said about the vehicle stays.
    if (held !== undefined && packSubject.parse(held.state).machine === machine) continue;
    const state: PackSubject = { ...(held && packSubject.parse(held.state)), forms, printedAt, machine };
    await log.append([{ kind: "paper-pack", id, state, by: {}, reason, expected: held?.position ?? 0 }]);
    registered += 1;
  }
  return registered;
};
