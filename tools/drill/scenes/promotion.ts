import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { officerKeyPath } from "#server/epochs/officers.ts";
import { attacked } from "../places.ts";
import { type Ended, runHoldfast } from "../processes.ts";
import { type SceneNotes, until } from "../scene.ts";
import type { Stage } from "../stage.ts";

const command = (stage: Stage, step: string, ...args: string[]): Promise<Ended> =>
  runHoldfast(["promote", step, ...args], stage.atStandby);

const prepared = async (stage: Stage, opening: string): Promise<boolean> => {
  const { code, out } = await command(stage, "prepare", "--trust", attacked, "--opening", opening, "--json");
  if (code !== 0) return false;
  const { leftOut } = JSON.parse(out) as { leftOut: Record<string, number> };
  return Object.values(leftOut).every((lines) => lines === 0);
};

/** Two officers make the standby the base; one alone does not. */
export const promotion = async (stage: Stage, notes: SceneNotes): Promise<void> => {
  const { places, ledger, patienceMs } = stage;
  const opening = join(places.folder, "epoch-2.opening");
  await until("the standby has all of the archive", () => prepared(stage, opening), patienceMs);
  const carryOut = (path: string): Promise<Ended> =>
    command(stage, "carry-out", "--trust", attacked, "--opening", path, "--json");
  const sign = (path: string, officer: number): Promise<Ended> =>
    command(stage, "sign", "--opening", path, "--key", officerKeyPath(places.officers, attacked, officer));

  await sign(opening, 1);
  const early = join(places.folder, "one-signature.opening");
  copyFileSync(opening, early);
  if ((await carryOut(early)).code !== 1) notes.fault("an opening that one officer signed was not refused");
  await sign(opening, 3);
  const began = performance.now();
  const { code, told } = await carryOut(opening);
  if (code !== 0) throw new Error(`the epoch was not opened: ${told}`);
  const firstOfNew = (): number =>
    Math.min(
      ...ledger
        .entries(attacked)
        .flatMap(({ acknowledged }) => acknowledged.filter(({ epoch }) => epoch > 1).map(({ at }) => at)),
    );
  await until("the new base acknowledges", () => Number.isFinite(firstOfNew()), patienceMs);
  notes.figure("from carrying it out to the first acknowledgement", (firstOfNew() - began) / 1_000, "s", 30);
  notes.figure("until the command had ended", (performance.now() - began) / 1_000, "s");
};
