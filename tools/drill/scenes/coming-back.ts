import { withDatabase } from "../databases.ts";
import { faultsOf, judge, type LedgerEntry } from "../ledger.ts";
import { attacked } from "../places.ts";
import { type SceneNotes, until } from "../scene.ts";
import type { Stage } from "../stage.ts";
import type { Tablet } from "../tablet.ts";
import { untilSent } from "./waits.ts";

const threeDaysMs = 3 * 86_400_000;

/** Out of coverage from now on, writing; their clocks run to three days ahead. */
export const goOffline = (tablets: readonly Tablet[]): void => {
  for (const tablet of tablets) {
    tablet.setOffline(true);
    tablet.letClockRun(threeDaysMs / 4, threeDaysMs);
  }
};

/** Tablets come back that know neither of the attack nor of the new base. */
export const backAfterThreeDays = async (stage: Stage, notes: SceneNotes, away: readonly Tablet[]): Promise<void> => {
  const { ledger, patienceMs } = stage;
  const ids = new Set(away.map(({ device }) => device.enrolment.deviceId));
  const brought = ledger
    .entries(attacked)
    .filter(({ deviceId, heldAt, acknowledged }) => ids.has(deviceId) && !heldAt && acknowledged.length === 0);
  if (brought.length === 0) notes.fault("they had written nothing");
  for (const tablet of away) {
    tablet.setOffline(false);
    tablet.hurry();
  }
  const seconds = await until(
    "what they wrote is at the new base",
    () => brought.every(({ acknowledged }) => acknowledged.some(({ epoch }) => epoch > 1)),
    patienceMs,
  );
  notes.figure("tablets", away.length, "tablets");
  notes.figure("entries that waited on them", brought.length, "entries");
  notes.figure("until the new base had acknowledged them", seconds, "s");
};

/** Every acknowledged and every held entry is in the new base: once, in its record, with its bytes. Nobody does anything. */
export const refilled = async (stage: Stage, notes: SceneNotes, atKill: readonly LedgerEntry[]): Promise<void> => {
  const seconds = await untilSent(stage);
  const held = stage.ledger.entries(attacked).filter(({ heldAt }) => heldAt !== undefined);
  const expected = [...new Set([...atKill, ...held])];
  const { lines, whole } = await withDatabase(stage.places.standby, attacked, async (database) => {
    let lines = await database.lines();
    const isWhole = async (): Promise<boolean> => {
      lines = await database.lines();
      return judge(expected, lines).lost.length === 0;
    };
    // What is lost for good is told by the judgement below.
    const whole = await until("nothing is lost", isWhole, stage.patienceMs, 1_000).catch(() => undefined);
    return { lines, whole };
  });
  const after = new Set(lines.filter(({ epoch }) => epoch > 1).map(({ entryId }) => entryId));
  notes.figure("acknowledged by the old base", atKill.length, "entries");
  notes.figure(
    "of them lacked by the archive, and brought by devices",
    atKill.filter(({ id }) => after.has(id)).length,
    "entries",
  );
  notes.figure("held by the standby", held.length, "entries");
  notes.figure("until every device had sent what it held", seconds, "s");
  if (whole !== undefined) notes.figure("and until nothing was lacking", whole, "s");
  notes.faults(faultsOf(judge(expected, lines)));
};
