const zone = "Europe/London";
const format = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const withZone = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});
const hourMs = 3_600_000;

/**
 * An instant as the clock on the wall shows it in the UK: `14:05`. In the hour that the autumn clock change repeats, it
 * says which one: `01:30 BST`, `01:30 GMT`. Text that is no instant comes back as it is.
 */
export const clockText = (at: string): string => {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return at;
  const text = format.format(ms);
  const twice = format.format(ms + hourMs) === text || format.format(ms - hourMs) === text;
  return twice ? withZone.format(ms).replace("GMT+1", "BST") : text;
};

/** Whole minutes from one instant to a later one; negative the other way round. */
export const minutesBetween = (from: string, to: string): number =>
  Math.floor((Date.parse(to) - Date.parse(from)) / 60_000);
