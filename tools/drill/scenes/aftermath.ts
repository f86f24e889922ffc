import { readdirSync } from "node:fs";
import { join } from "node:path";
import { logNames } from "#defence/log/line.ts";
import { folderOf } from "#server/archive/segment.ts";
import { withDatabase } from "../databases.ts";
import { askNonce } from "../device.ts";
import { faultsOf, judge } from "../ledger.ts";
import { attacked } from "../places.ts";
import { runHoldfast } from "../processes.ts";
import { type SceneNotes, until } from "../scene.ts";
import type { Stage } from "../stage.ts";
import type { Tablet } from "../tablet.ts";
import { untilArchived, untilSent } from "./waits.ts";

/** Segments of the epoch that is over. */
const oldSegments = ({ places }: Stage): string[] =>
  logNames.flatMap((log) =>
    readdirSync(join(places.letterbox, "segments", folderOf(attacked, log))).filter((name) =>
      name.endsWith(".1.segment"),
    ),
  );

/**
 * A copy of the old base starts at its old address, where every device looks first. A tablet that was away meanwhile comes back just
 * then, and has never heard of the new epoch.
 */
export const oldBaseComesBack = async (stage: Stage, notes: SceneNotes, late: Tablet): Promise<void> => {
  const { places, servers, patienceMs } = stage;
  const before = oldSegments(stage).join();
  await stage.startBase(places.copy);
  late.setOffline(false);
  late.hurry();
  const host = `crew.${attacked}.localhost`;
  const isFenced = async (): Promise<boolean> => (await askNonce(host, places.ports.base.crew))?.statusCode === 410;
  notes.figure("until it answered nobody any more", await until("the old base is fenced", isFenced, patienceMs), "s");
  if (oldSegments(stage).join() !== before) notes.fault("the old base got something into the archive");
  await servers.base.kill();
  notes.figure("until every device had sent all it had, to the new base", await untilSent(stage), "s");
};

/** Everybody has stopped writing: all is sent, archived, whole and proved. */
export const normalAgain = async (stage: Stage, notes: SceneNotes): Promise<void> => {
  const { tablets, screens, otherCrews, places, ledger, letterboxAddress } = stage;
  await Promise.all([otherCrews, ...tablets, ...screens].map((each) => each.stopWriting()));
  await untilSent(stage);
  notes.figure("until the archive had every line", await untilArchived(stage, places.standby), "s");
  const all = ledger.entries(attacked);
  const lines = await withDatabase(places.standby, attacked, (database) => database.lines());
  notes.faults(faultsOf(judge(all, lines)));
  const entered = new Set(all.map(({ id }) => id));
  const strange = lines.filter(({ entryId }) => entryId !== null && !entered.has(entryId)).length;
  if (strange > 0) notes.fault(`${strange} entries that nobody wrote`);
  notes.figure("entries saved by all devices, each there once", all.length, "entries");
  const secret = join(places.letterbox, "secrets", "read");
  const where = ["--letterbox", letterboxAddress, "--secret", secret];
  const began = performance.now();
  const { code, out, told } = await runHoldfast(["verify", "--trust", attacked, ...where, "--json"], stage.atStandby);
  notes.figure("holdfast verify of all logs", (performance.now() - began) / 1_000, "s");
  if (code !== 0) notes.fault(`verify found something: ${told || out.slice(0, 500)}`);
};

interface Proof {
  failed: number;
  logs: { log: string; lines: number; root: string; broken?: unknown }[];
}

/** An empty machine, two officers' shares and the archive: the same database again, with a proof. */
export const restoredByShares = async (stage: Stage, notes: SceneNotes): Promise<void> => {
  const { places, letterboxAddress, ledger } = stage;
  const at = (name: string): string => join(places.officers, `${attacked}.${name}`);
  const where = ["--letterbox", letterboxAddress, "--secret", join(places.letterbox, "secrets", "read")];
  const who = ["--share", at("share-1"), "--share", at("share-3"), "--log-key", at("log-key")];
  const settings = { HOLDFAST_DATA: places.restored };
  const began = performance.now();
  const { code, out, told } = await runHoldfast(["restore", "--trust", attacked, ...where, ...who, "--json"], settings);
  notes.figure("from an empty folder to the proof", (performance.now() - began) / 1_000, "s");
  if (code !== 0) throw new Error(`the restore ended with ${code}: ${told || out.slice(0, 500)}`);
  const proof = JSON.parse(out) as Proof;
  const heads = await withDatabase(places.standby, attacked, (database) => database.heads());
  const lines = await withDatabase(places.restored, attacked, (database) => database.lines());
  if (proof.failed > 0) notes.fault(`${proof.failed} records could not be projected`);
  for (const { log, root, ...restored } of proof.logs) {
    if (restored.broken !== undefined) notes.fault(`the archive of ${log} is not good to its end`);
    const end = await stage.archive.end(attacked, log as (typeof logNames)[number]);
    if (end.root !== root) notes.fault(`${log} has another root than the archive`);
    if (log !== "access" && restored.lines < heads[log as (typeof logNames)[number]])
      notes.fault(`${log} has ${restored.lines} lines, and the new base more`);
  }
  notes.figure(
    "lines restored",
    proof.logs.reduce((sum, each) => sum + each.lines, 0),
    "lines",
  );
  notes.faults(faultsOf(judge(ledger.entries(attacked), lines)));
};
