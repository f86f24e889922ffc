import type { Role } from "#defence/access/words.ts";

const roleWords: Partial<Record<Role, string>> = {
  "newly-qualified-paramedic": "Newly qualified paramedic (NQP)",
  "community-first-responder": "Community first responder",
  "hems-doctor": "HEMS doctor",
  governance: "Information governance",
  records: "Records officer",
  security: "Security officer",
  continuity: "Continuity lead",
  configuration: "Configuration manager",
};

/** `Emergency care assistant` from `emergency-care-assistant`. */
export const roleInWords = (role: Role): string => roleWords[role] ?? sentence(role);

/** `End session` from `end-session`. */
export const sentence = (key: string): string => {
  const words = key.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const dateTime = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});
/** `14 Mar 2036` from `2036-03-14`. */
export const day = (date: string): string => dayOnly.format(Date.parse(date));
const dayOnly = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });

/** `23 Nov 2026, 03:14:07 GMT`: a desk's times are evidence, so they say everything. */
export const fullTime = (at: string): string => dateTime.format(Date.parse(at));
