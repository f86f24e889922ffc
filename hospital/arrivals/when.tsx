import type { Arrival } from "#domain/handover/arrival.ts";
import { ageMinutes, durationWords } from "#ui/age.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { etaWords, marksPassed, waitMarks } from "./board-rows.ts";

/** Minutes to arrival, counting down, over the clock time they lead to. */
export const Eta = ({ eta, nowMs }: { eta: string | null; nowMs: number }) => {
  const { words, overdue } = etaWords(eta, nowMs);
  return (
    <>
      <div className={overdue ? "minutes late" : "minutes"}>{words}</div>
      <div className="sub">{eta === null ? "not given" : clockTimeSeenFrom(eta, nowMs)}</div>
    </>
  );
};

const markWords = ["", "over 15 min", "over 30 min", "over 45 min"];

/** How long a crew has waited: the minutes, three boxes that fill at 15, 30 and 45, and the same in words. */
export const Wait = ({ arrival, nowMs }: { arrival: Arrival; nowMs: number }) => {
  if (arrival.arrivedAt === null) return <div className="minutes">here</div>;
  const minutes = ageMinutes(arrival.arrivedAt, nowMs);
  const passed = marksPassed(minutes);
  return (
    <>
      <div className="minutes" data-marks={passed}>
        {durationWords(minutes)}
        <span className="marks" aria-hidden>
          {waitMarks.map((mark, index) => (
            <i key={mark} data-passed={index < passed || undefined} />
          ))}
        </span>
      </div>
      <div className="sub since">
        {passed > 0 ? <b data-marks={passed}>{markWords[passed]},</b> : "since"}{" "}
        {clockTimeSeenFrom(arrival.arrivedAt, nowMs)}
      </div>
    </>
  );
};
