import { clockText } from "#domain/entry/clock.ts";

const day = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London",
  day: "2-digit",
  month: "short",
  year: "numeric",
});

/** `22 Nov 2026 14:05` as the clock in the UK showed it; text that is no instant comes back as it is. */
export const whenText = (at: string): string => {
  const ms = Date.parse(at);
  return Number.isNaN(ms) ? at : `${day.format(ms)} ${clockText(at)}`;
};

const seconds = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", second: "2-digit" });

/** `22 Nov 2026 14:05:07`. */
export const exactWhenText = (at: string): string => {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return at;
  const clock = clockText(at);
  return whenText(at).replace(clock, clock.replace(/^\d\d:\d\d/, `$&:${seconds.format(ms).padStart(2, "0")}`));
};
