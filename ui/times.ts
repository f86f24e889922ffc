const hourMs = 3_600_000;
const zone = "Europe/London";
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const zoneName = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", timeZoneName: "short" });
const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", day: "numeric", month: "short" });
const date = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short", year: "numeric" });

const msOf = (at: string | number): number => (typeof at === "number" ? at : Date.parse(at));

/**
 * `14:31`, in London. In the hour that the autumn clock change repeats, the zone is written too (`01:30 BST`,
 * then `01:30 GMT`): without it two readings an hour apart look simultaneous.
 */
export const clockTime = (at: string | number): string => {
  const ms = msOf(at);
  if (!Number.isFinite(ms)) return "time not known";
  const minute = Math.floor(ms / 60_000);
  const known = ofMinute.get(minute);
  if (known !== undefined) return known;
  if (ofMinute.size >= minutesMax) ofMinute.clear();
  const text = minuteText(ms);
  ofMinute.set(minute, text);
  return text;
};

/** A timeline writes the same minutes anew with each entry, and each takes three formats. */
const ofMinute = new Map<number, string>();
const minutesMax = 2_000;

const minuteText = (ms: number): string => {
  const text = clock.format(ms);
  if (clock.format(ms - hourMs) !== text && clock.format(ms + hourMs) !== text) return text;
  const name = zoneName.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value;
  return `${text} ${name}`;
};

/** Around midnight `23:58` needs no date to be understood; from here on it does. */
const plainWithinMs = 12 * hourMs;

/** `14:31`, or `Sat 24 Oct 14:31` where it was another day and more than twelve hours away. */
export const clockTimeSeenFrom = (at: string | number, nowMs: number): string => {
  const ms = msOf(at);
  if (!Number.isFinite(ms)) return "time not known";
  const near = Math.abs(nowMs - ms) <= plainWithinMs;
  return near || day.format(ms) === day.format(nowMs) ? clockTime(ms) : `${day.format(ms)} ${clockTime(ms)}`;
};

const seconds = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** `14:31:07`, with the day and the zone where `clockTimeSeenFrom` has them. */
export const exactTimeSeenFrom = (at: string | number, nowMs: number): string => {
  const ms = msOf(at);
  if (!Number.isFinite(ms)) return "time not known";
  return clockTimeSeenFrom(ms, nowMs).replace(clock.format(ms), seconds.format(ms));
};

/** `14 Mar 1954` from `1954-03-14`: a date of birth has no time zone. */
export const plainDate = (isoDate: string): string => date.format(Date.parse(`${isoDate}T12:00:00Z`));
