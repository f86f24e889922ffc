import { Fragment } from "react";
import type { Arrival } from "#domain/handover/arrival.ts";
import { ageWords } from "#ui/age.ts";
import { isStale, readingGroups } from "./board-rows.ts";

/** `just now`, `22 min ago, stale`. */
export const Age = ({ at, nowMs }: { at: string; nowMs: number }) =>
  isStale(at, nowMs) ? (
    <span className="stale">{ageWords(at, nowMs)}, stale</span>
  ) : (
    <span className="age">{ageWords(at, nowMs)}</span>
  );

/** The last readings, each minute's group with its age: a number without an age is a fault. */
export const Readings = ({ arrival, nowMs }: { arrival: Arrival; nowMs: number }) => {
  const groups = readingGroups(arrival.readings);
  if (groups.length === 0) return <div className="sub">No readings yet</div>;
  return groups.map((group) => (
    <div key={group.at} className={groups.length > 1 ? "readings" : "readings alone"}>
      {group.readings.map((reading, index) => (
        <Fragment key={reading.label}>
          {index > 0 && " · "}
          <span className="reading">{shown(reading)}</span>
        </Fragment>
      ))}{" "}
      <Age at={group.at} nowMs={nowMs} />
    </div>
  ));
};

/** `Alert` and `36.8 °C` say what they are; other numbers need their label. */
const shown = ({ label, text }: Arrival["readings"][number]) =>
  label === "ACVPU" ? (
    <b>{text}</b>
  ) : (
    <>
      {label} <NumberWithUnit text={text} />
    </>
  );

/** The number stands out, its unit does not. */
const NumberWithUnit = ({ text }: { text: string }) => {
  const [number = text] = /^[\d./–-]+/.exec(text) ?? [];
  return (
    <>
      <b>{number}</b>
      {text.slice(number.length)}
    </>
  );
};
