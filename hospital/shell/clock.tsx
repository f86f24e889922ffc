import { useNow } from "#ui/age.ts";
import { clockTime } from "#ui/times.ts";
import type { CellSnapshot } from "../cells/cell.ts";

/** Beyond this the screen's own clock is called wrong, ms. */
const wrongClockMs = 60_000;

/**
 * The base's time where one has answered, else this screen's: ages and ETAs must not depend on a clock that somebody set
 * by hand.
 */
export const useBoardNow = (snapshots: readonly CellSnapshot[], stepMs: number): number =>
  useNow(stepMs) + offsetOf(snapshots);

const offsetOf = (snapshots: readonly CellSnapshot[]): number => {
  const answered = snapshots.filter(({ clockOffsetMs }) => clockOffsetMs !== null);
  const newest = answered.sort((a, b) => (b.heardAtMs ?? 0) - (a.heardAtMs ?? 0))[0];
  return newest?.clockOffsetMs ?? 0;
};

export const Clock = ({ snapshots }: { snapshots: readonly CellSnapshot[] }) => {
  const now = useBoardNow(snapshots, 1000);
  const offset = offsetOf(snapshots);
  const minutes = Math.round(Math.abs(offset) / 60_000);
  return (
    <>
      {Math.abs(offset) > wrongClockMs && (
        <span className="chip wait">
          ▲ This screen's clock is {minutes} min {offset > 0 ? "slow" : "fast"}; the times here are corrected
        </span>
      )}
      <time className="clock">{clockTime(now)}</time>
    </>
  );
};
