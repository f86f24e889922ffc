const wall = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** `2026-11-23T14:05` as the clock on a UK wall shows the instant. */
const wallText = (ms: number): string => {
  const part = Object.fromEntries(wall.formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
};

/**
 * A date and a time as they are on paper (`2026-11-23`, `14:05`), read as UK time; undefined for one that is none, also for the
 * hour that the spring clock change leaves out. In the hour that autumn repeats it is the first of the two: paper does not say.
 */
export const paperInstant = (date: string, time: string): string | undefined => {
  const asUtc = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const found = [asUtc - hourMs, asUtc].find((ms) => wallText(ms) === `${date}T${time}`);
  return found === undefined ? undefined : new Date(found).toISOString();
};

/** A time of the form's own: one more than half a day before the form's first time is of the day after. */
export const paperTime = (date: string, time: string, first: string): string | undefined => {
  const at = paperInstant(date, time);
  if (at === undefined || Date.parse(at) > Date.parse(first) - dayMs / 2) return at;
  return paperInstant(new Date(Date.parse(`${date}T12:00:00Z`) + dayMs).toISOString().slice(0, 10), time);
};

/** Date and time as one types them, of an instant. */
export const dateAndTime = (at: string): { date: string; time: string } => {
  const [date = "", time = ""] = wallText(Date.parse(at)).split("T");
  return { date, time };
};

/**
 * A date as people in the UK write it, day first (`01/02/1950`, `1.2.1950`, `01021950`), as `1950-02-01`; undefined for none. Not
 * left to the browser: one that is set to another country reads the month first, and nobody sees it.
 */
export const paperDate = (typed: string): string | undefined => {
  const found = /^(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{4})$|^(\d{2})(\d{2})(\d{4})$/.exec(typed.trim());
  if (found === null) return undefined;
  const [day = "", month = "", year = ""] = found.slice(1).filter((part) => part !== undefined);
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date) ? date : undefined;
};

/** `01/02/1950` of `1950-02-01`. */
export const paperDateText = (date: string): string => date.split("-").reverse().join("/");
