import type { ShownAccess } from "#protocol/accesses.ts";

const did: Record<string, string> = {
  arrivals: "Had it on the arrivals board",
  blob: "Opened an attachment",
  "desk-copy": "Made a copy of it",
  "desk-read": "Read it",
  export: "Exported it",
  find: "Came upon it in a look-up",
  "find-unanswered": "Looked the patient up from it, and no server answered",
  "fhir-read": "Read it through FHIR",
  open: "Opened it",
  "opened-again": "Looked at it again",
  "page-print": "Printed it",
  pull: "Got it onto the device",
  refused: "Asked for it and was refused",
  "see-access": "Looked at this list",
};
const places: Record<string, string> = { crew: "on a tablet", care: "at a hospital", control: "at the trust's desk" };

/** What was done, in words; an act that this version does not know is named as the log names it. */
export const accessWords = ({ action: noted, detail, zone, purpose }: ShownAccess): string => {
  // Past the usual rules the log names the breaking first, and beside it what was done.
  const action = noted === "break-glass" ? (detail ?? noted) : noted;
  const broke = purpose === "break-glass" ? ", breaking the glass" : "";
  return `${did[action] ?? action} ${places[zone] ?? `in ${zone}`}${broke}`;
};

/** Who it was: a person, or a device with nobody signed in. */
export const accessorWords = ({ person }: ShownAccess): string => {
  if (person === undefined) return "Nobody signed in";
  const roles = person.roles.map((role) => role.replaceAll("-", " ")).join(", ");
  return roles === "" ? person.name : `${person.name}, ${roles}`;
};
