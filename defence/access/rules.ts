import {
  type Action,
  deviceZones,
  type Need,
  type PolicyZone,
  type Purpose,
  policyZones,
  type Relation,
  type Role,
} from "./words.ts";

/** One row of the table. An act is allowed if a row says so; nothing else allows it. */
export interface Rule {
  /** `anybody`: no sign-in asked. `device`: any enrolled device, whether or not a person is signed in on it. */
  who: "anybody" | "device" | readonly Role[];
  does: readonly Action[];
  in: readonly PolicyZone[];
  /** How the caller must stand to the record. `any`: the act is about no record, or about every one alike. */
  to: readonly Relation[] | "any";
  /** `any`: whatever the caller says it is for. */
  for: Purpose | "any";
  needs: readonly Need[];
  /** The act goes to the review queue of the desk. */
  review?: true;
  /** What is left out of the answer. */
  only?: "without-names";
  why: string;
}

/** Who charts and treats in an ambulance. A student is one of the crew, and somebody signs what a student writes. */
const crew = [
  "paramedic",
  "newly-qualified-paramedic",
  "technician",
  "emergency-care-assistant",
  "community-first-responder",
  "hems-doctor",
] as const satisfies Role[];
const crewAndStudents = [...crew, "student"] as const satisfies Role[];
const hospital = ["hospital-nurse", "hospital-doctor"] as const satisfies Role[];

/** The whole policy. docs/access-policy.md is made from it. */
export const rules: readonly Rule[] = [
  {
    who: "anybody",
    does: ["public"],
    in: policyZones,
    to: "any",
    for: "any",
    needs: [],
    why: "Health, metrics, the web apps' files and what a server can do: nothing here is about a patient.",
  },
  {
    who: "anybody",
    does: ["enrol", "sign-in"],
    in: policyZones,
    to: "any",
    for: "any",
    needs: [],
    why: "Whoever is not signed in must be able to; the codes, keys and factors are checked there.",
  },
  {
    who: "anybody",
    does: ["push"],
    in: policyZones,
    to: "any",
    for: "any",
    needs: [],
    why: "Writing care fails open: from a locked tablet, without a person, past every term. The device's signature is checked.",
  },
  {
    who: crew,
    does: ["push"],
    in: policyZones,
    to: "any",
    for: "any",
    needs: [],
    why: "What the crew writes is signed by who wrote it.",
  },
  {
    who: ["student"],
    does: ["push"],
    in: policyZones,
    to: "any",
    for: "any",
    needs: ["co-sign"],
    why: "A student writes like the crew; somebody of the crew signs it afterwards, and nothing waits for that.",
  },
  {
    who: "device",
    does: ["watch"],
    in: deviceZones,
    to: "any",
    for: "any",
    needs: [],
    why: "That a record moved, never what it says; a locked tablet and a wall board hear it.",
  },
  {
    who: "device",
    does: ["read-board"],
    in: ["care"],
    to: ["coming-to-my-site"],
    for: "any",
    needs: [],
    only: "without-names",
    why: "The wall board: its site's arrivals, and no name.",
  },
  {
    who: crewAndStudents,
    does: ["read-record"],
    in: ["crew"],
    to: ["own-crew", "own-shift"],
    for: "direct-care",
    needs: [],
    why: "The crew's own patients, on the tablet that charts them or the one that took its place this shift.",
  },
  {
    who: crew,
    does: ["see-access"],
    in: ["crew"],
    to: ["own-crew", "own-shift"],
    for: "direct-care",
    needs: [],
    why: "Whoever cares for a patient may see who has opened the record.",
  },
  {
    who: crew,
    does: ["read-record"],
    in: ["crew"],
    to: ["own-trust", "none"],
    for: "break-glass",
    needs: ["reason"],
    review: true,
    why: "Another crew's patient is in front of them: opened at once, for a reason, and looked at afterwards.",
  },
  {
    who: crew,
    does: ["search"],
    in: ["crew"],
    to: ["own-trust"],
    for: "break-glass",
    needs: ["reason"],
    review: true,
    why: "Finds that record by who the patient is: a few to choose from, without names.",
  },
  {
    who: ["clinical-hub"],
    does: ["read-record"],
    in: ["crew"],
    to: ["own-crew", "own-shift", "own-trust"],
    for: "direct-care",
    needs: ["reason"],
    why: "Advises any crew of the trust, and says which call it is about.",
  },
  {
    who: hospital,
    does: ["read-board"],
    in: ["care"],
    to: ["coming-to-my-site"],
    for: "direct-care",
    needs: [],
    why: "The receiving team prepares for the patients by name.",
  },
  {
    who: hospital,
    does: ["read-record", "read-fhir", "print", "see-access", "accept-handover"],
    in: ["care"],
    to: ["coming-to-my-site", "shared-with-my-site"],
    for: "direct-care",
    needs: [],
    why: "Patients on their way to the site, in its care, or diverted from it within twelve hours.",
  },
  {
    who: hospital,
    does: ["search", "read-record"],
    in: ["care"],
    to: ["own-trust", "none"],
    for: "break-glass",
    needs: ["reason"],
    review: true,
    why: "The patient is here and the record is not: walked in, diverted on the way, another site was chosen. Opened at once, and looked at afterwards.",
  },
  {
    who: ["integration"],
    does: ["read-fhir"],
    in: ["care"],
    to: ["coming-to-my-site", "shared-with-my-site"],
    for: "integration",
    needs: [],
    why: "One site's other systems copy that site's records; nothing restricted, no board, no search.",
  },
  {
    who: ["records"],
    does: ["search", "read-record", "print"],
    in: ["control"],
    to: ["own-trust"],
    for: "records",
    needs: ["reason"],
    why: "Answers a patient, a coroner or a court, and says which request it is for.",
  },
  {
    who: ["records"],
    does: ["redact", "dispose"],
    in: ["control"],
    to: ["own-trust"],
    for: "records",
    needs: ["reason", "step-up"],
    why: "A copy leaves the trust, or a record ends. Disposal takes a second officer besides.",
  },
  {
    who: ["records"],
    does: ["see-disposals"],
    in: ["control"],
    to: ["own-trust"],
    for: "records",
    needs: [],
    why: "For which disposed records something came afterwards: ids and times, of no patient.",
  },
  {
    who: ["governance"],
    does: ["see-access", "review-break-glass"],
    in: ["control"],
    to: ["own-trust"],
    for: "governance",
    needs: [],
    why: "Looks at what was opened, by whom and why.",
  },
  {
    who: ["governance"],
    does: ["search", "read-record"],
    in: ["control"],
    to: ["own-trust"],
    for: "governance",
    needs: ["reason"],
    why: "An audit or a complaint names the record.",
  },
  {
    who: ["governance", "continuity", "external-approver"],
    does: ["approve"],
    in: ["control"],
    to: "any",
    for: "any",
    needs: ["step-up"],
    why: "The second of two who must agree, never who proposed it. An external approver does nothing else and reads no record.",
  },
  {
    who: ["security"],
    does: ["see-access", "manage-devices", "manage-sessions"],
    in: ["control"],
    to: "any",
    for: "security",
    needs: [],
    why: "Stops a device or an account at once, and learns what it touched; reads no record.",
  },
  {
    who: ["governance", "security"],
    does: ["export"],
    in: ["control"],
    to: "any",
    for: "any",
    needs: ["reason", "step-up"],
    why: "The list of what was touched leaves the trust.",
  },
  {
    who: ["continuity", "configuration"],
    does: ["manage-devices"],
    in: ["control"],
    to: "any",
    for: "configuration",
    needs: [],
    why: "Enrols tablets and screens, and takes them out of service.",
  },
  {
    who: ["configuration"],
    does: ["manage-people", "manage-settings"],
    in: ["control"],
    to: "any",
    for: "configuration",
    needs: ["step-up"],
    why: "Gives roles and changes how the trust works: each change has its author and its history. A desk role, and a code for who has one, wait for a second person.",
  },
];
