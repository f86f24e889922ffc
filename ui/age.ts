import { useEffect, useState } from "react";

const minuteMs = 60_000;

/** Whole minutes between two moments, never negative: a monitor's clock that runs ahead does not make a reading younger than now. */
export const ageMinutes = (at: string, nowMs: number): number =>
  Math.max(0, Math.floor((nowMs - Date.parse(at)) / minuteMs));

/** `under 1 min`, `4 min`, `1 h 05 min`, `3 days`. */
export const durationWords = (minutes: number): string => {
  if (minutes < 1) return "under 1 min";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} days`;
};

/** `just now`, `4 min ago`, `1 h 05 min ago`. */
export const ageWords = (at: string, nowMs: number): string => {
  const minutes = ageMinutes(at, nowMs);
  return minutes < 1 ? "just now" : `${durationWords(minutes)} ago`;
};

/** The time now, ms since 1970, refreshed on every whole `stepMs`, so that all ages of a screen change together. */
export const useNow = (stepMs: number): number => {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      setNow(Date.now());
      timer = setTimeout(tick, stepMs - (Date.now() % stepMs));
    };
    timer = setTimeout(tick, stepMs - (Date.now() % stepMs));
    return () => clearTimeout(timer);
  }, [stepMs]);
  return now;
};
