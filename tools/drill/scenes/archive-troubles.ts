import { readNote } from "#server/heads/note.ts";
import { attacked } from "../places.ts";
import { type SceneNotes, until } from "../scene.ts";
import type { Stage } from "../stage.ts";
import { acknowledgedOf, archivedLines, untilArchived } from "./waits.ts";

/** Everything as on any day, until each tablet has had some entries acknowledged and the archive has them. */
export const normalWork = async (stage: Stage, notes: SceneNotes): Promise<void> => {
  const { tablets, screens, patienceMs } = stage;
  const enough = 4 * tablets.length;
  await until("entries are acknowledged", () => acknowledgedOf(stage).length >= enough, patienceMs);
  await until(
    "the board shows patients",
    () => screens.every(({ shown }) => (shown()?.rows.size ?? 0) > 0),
    patienceMs,
  );
  const lag = await untilArchived(stage);
  stage.settledAt = performance.now();
  notes.figure("entries acknowledged by the base", acknowledgedOf(stage).length, "entries");
  notes.figure("until all of them were in the archive", lag, "s");
};

/** The archive's disk is full while crews write, and then has room again. */
export const diskFull = async (stage: Stage, notes: SceneNotes): Promise<void> => {
  const { disk, patienceMs } = stage;
  if (disk === undefined) return notes.skip("a full disk is made as root on Linux alone");
  disk.fill();
  const before = acknowledgedOf(stage).length;
  const stands = await archivedLines(stage);
  const more = Math.max(10, stage.tablets.length);
  await until("crews go on writing", () => acknowledgedOf(stage).length >= before + more, patienceMs);
  if ((await archivedLines(stage)) > stands + more) notes.fault("the full disk took segments");
  notes.figure("entries acknowledged meanwhile", acknowledgedOf(stage).length - before, "entries");
  disk.makeRoom();
  notes.figure("until the archive had them, once there was room", await untilArchived(stage), "s");
};

/** The witness is killed and comes back: what was archived meanwhile is co-signed. */
export const witnessGone = async (stage: Stage, notes: SceneNotes): Promise<void> => {
  const { servers, patienceMs } = stage;
  await servers.witness.kill();
  const without = acknowledgedOf(stage).length;
  await until("crews go on writing", () => acknowledgedOf(stage).length > without, patienceMs);
  await untilArchived(stage);
  const lines = await archivedLines(stage);
  await stage.startWitness();
  const seconds = await until(
    "the head is co-signed",
    async () => (await cosignedLines(stage, lines)) >= lines,
    patienceMs,
  );
  notes.figure("lines archived without it, and co-signed since", lines, "lines");
  notes.figure("until they were co-signed, once it was back", seconds, "s");
};

/** Lines of the care log under the longest head that a witness has signed too. */
const cosignedLines = async ({ archive }: Stage, atLeast: number): Promise<number> => {
  const heads = await archive.heads(attacked, "care", atLeast - 1);
  const cosigned = heads.filter((note) => readNote(note).signatures.length > 1);
  return Math.max(0, ...cosigned.map((note) => Number(note.split("\n")[1])));
};
