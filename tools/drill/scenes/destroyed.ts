import { execFile } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Arrival } from "#domain/handover/arrival.ts";
import type { LedgerEntry } from "../ledger.ts";
import { type SceneNotes, until } from "../scene.ts";
import type { ShownBoard } from "../screen.ts";
import type { Stage } from "../stage.ts";
import { acknowledgedOf, archivedLines } from "./waits.ts";

/** How it stood when the base was killed. */
export interface AtTheKill {
  /** `performance.now()` */
  at: number;
  acknowledged: LedgerEntry[];
  boards: (ShownBoard | undefined)[];
}

/** How many acknowledged entries the archive is to lack when the base is killed, for each tablet. */
const lackedEach = 1;

/**
 * Under load the base's processes are killed, and every file of it is encrypted with a key that nobody has. The archive's disk was full
 * for a while before, so that the archive lacks what was acknowledged last: that comes back from devices, or not at all.
 */
export const destroyBase = async (stage: Stage, notes: SceneNotes): Promise<AtTheKill> => {
  const { disk, servers, places, screens, tablets, patienceMs } = stage;
  if (disk !== undefined) {
    disk.fill();
    const lacks = async (): Promise<number> => acknowledgedOf(stage).length - (await archivedLines(stage));
    await until("the archive lacks something", async () => (await lacks()) >= lackedEach * tablets.length, patienceMs);
  }
  const at = performance.now();
  await servers.base.kill();
  const acknowledged = acknowledgedOf(stage);
  const boards = screens.map(({ shown }) => shown());
  disk?.makeRoom();
  // As a copy on other disks would have it: for the day when it comes back.
  await promisify(execFile)("cp", ["-a", places.base, places.copy]);
  const files = await encryptAll(places.base);
  notes.figure("tablets that were writing", tablets.length, "tablets");
  notes.figure("entries acknowledged by then", acknowledged.length, "entries");
  notes.figure("lines of the care log in the archive by then", await archivedLines(stage), "lines");
  notes.figure("files of the base encrypted", files, "files");
  if (files === 0) notes.fault("nothing was encrypted");
  return { at, acknowledged, boards };
};

/** Overwrites each file in place with its ciphertext. The key is kept nowhere. */
const encryptAll = async (folder: string): Promise<number> => {
  const cipher = createCipheriv("aes-256-ctr", randomBytes(32), randomBytes(16));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    const bytes = cipher.update(await readFile(path));
    const file = await open(path, "r+");
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
  }
  return files.length;
};

/** Of one screen: how long until the standby's board had every patient that it showed, with readings no older. */
const boardMoved = async (
  { screens, patienceMs }: Stage,
  index: number,
  { at, boards }: AtTheKill,
): Promise<{ answered: number; whole: number }> => {
  const before = boards[index]?.rows ?? new Map<string, Arrival>();
  const screen = screens[index]!;
  const isOfStandby = (board: ShownBoard): boolean => board.at > at && board.standby !== null;
  const isWhole = (board: ShownBoard): boolean =>
    isOfStandby(board) &&
    [...before.values()].every(({ recordId, readingsAt }) => {
      const row = board.rows.get(recordId);
      return row !== undefined && (readingsAt === null || (row.readingsAt !== null && row.readingsAt >= readingsAt));
    });
  const firstAt = async (what: string, is: (board: ShownBoard) => boolean): Promise<number> => {
    await until(what, () => screen.boards.some(is), patienceMs);
    return (screen.boards.find(is)!.at - at) / 1_000;
  };
  return {
    answered: await firstAt("the board is the standby's", isOfStandby),
    whole: await firstAt("the board has every patient, with readings as new", isWhole),
  };
};

/** The board that was open stays, moves by itself, and shows what crews write now. */
export const openBoard = async (stage: Stage, notes: SceneNotes, kill: AtTheKill): Promise<void> => {
  const [tablet] = stage.tablets;
  const made = performance.now();
  const recordId = await tablet!.newPatient();
  const shows = until(
    "a patient announced after the kill is on the standby's board",
    () => stage.screens.every(({ shown }) => shown()?.rows.has(recordId)),
    stage.patienceMs,
  );
  const moved = await Promise.all(stage.screens.map((_, index) => boardMoved(stage, index, kill)));
  await shows;
  const patients = Math.max(...kill.boards.map((board) => board?.rows.size ?? 0));
  if (patients === 0) notes.fault("no patient was on any board");
  notes.figure("patients on the board at the kill", patients, "patients");
  const longest = (of: (each: (typeof moved)[number]) => number): number => Math.max(...moved.map(of));
  notes.figure(
    "until the standby answered the slowest board",
    longest(({ answered }) => answered),
    "s",
    10,
  );
  notes.figure(
    "until it had every patient, with readings as new",
    longest(({ whole }) => whole),
    "s",
    10,
  );
  notes.figure("until a patient announced after the kill was on it", (performance.now() - made) / 1_000, "s", 10);
};
