/** The words of the access policy. A person may have several roles; each is given at the desk, by name and for a term. */
export const roles = [
  "paramedic",
  "newly-qualified-paramedic",
  "technician",
  "emergency-care-assistant",
  "student",
  "community-first-responder",
  "hems-doctor",
  "clinical-hub",
  "hospital-nurse",
  "hospital-doctor",
  "records",
  "governance",
  "security",
  "continuity",
  "configuration",
  "external-approver",
  "integration",
] as const;
export type Role = (typeof roles)[number];
/** What a person may be given; `integration` is another system's one role, and no person's. */
export const personRoles: readonly Role[] = roles.filter((role) => role !== "integration");

/** Roles that work at the trust's desk. To give one, or a way in to who has one, takes two people. */
export const deskRoles: ReadonlySet<Role> = new Set([
  "records",
  "governance",
  "security",
  "continuity",
  "configuration",
  "external-approver",
]);

/** Roles that work with a tablet, and so may have a PIN. */
export const crewRoles: ReadonlySet<Role> = new Set([
  "paramedic",
  "newly-qualified-paramedic",
  "technician",
  "emergency-care-assistant",
  "student",
  "community-first-responder",
  "hems-doctor",
]);

/** Why somebody acts. It is said to the access log with every act. */
export const purposes = [
  "direct-care",
  "sign-in",
  "records",
  "governance",
  "security",
  "continuity",
  "configuration",
  "integration",
  "break-glass",
] as const;
export type Purpose = (typeof purposes)[number];

/** How the caller stands to a record; the closest one counts. */
export const relations = [
  "own-crew",
  "own-shift",
  "coming-to-my-site",
  "shared-with-my-site",
  "own-trust",
  "none",
] as const;
export type Relation = (typeof relations)[number];

/**
 * How a person was let in, the strongest first. `pin`: on an enrolled tablet, two factors by the device and the PIN. `vouched`: not known to the
 * tablet, let in by a crewmate.
 */
export const signInStrengths = ["passkey", "provider", "pin", "pin-weak", "vouched", "break-glass", "none"] as const;
export type SignInStrength = (typeof signInStrengths)[number];
/** Those that are the person's own wherever they are shown, and not of one tablet or one envelope. */
export const countsEverywhere: ReadonlySet<SignInStrength> = new Set(["passkey", "provider"]);
/** Those that showed two factors: a PIN counts on the tablet whose key it goes with; a crewmate's word does not. */
export const secondFactorStrengths: ReadonlySet<SignInStrength> = new Set([
  "passkey",
  "provider",
  "pin",
  "pin-weak",
  "break-glass",
]);

/** What a caller may ask for; every route of every zone names one. */
export const actions = [
  "public",
  "enrol",
  "sign-in",
  "push",
  /** Hear that something changed, never what. */
  "watch",
  "read-record",
  "read-board",
  "accept-handover",
  "read-fhir",
  "print",
  "search",
  "export",
  "see-access",
  "manage-devices",
  "manage-people",
  "manage-sessions",
  "manage-settings",
  "review-break-glass",
  "redact",
  "dispose",
  "see-disposals",
  "approve",
  /** Paper forms: give packs out, transcribe, check, account for every number. */
  "enter-paper",
  /** Tell every crew something, signed. */
  "manage-notices",
  /** Read what the proof of the logs found. */
  "see-proof",
  /** List what each contact of an outage went without, and say what came of it. */
  "review-harm",
  /** Who did what, from all the logs. */
  "see-timeline",
  /** Whether there is a standby, and who could sign in there. */
  "see-standby",
] as const;
export type Action = (typeof actions)[number];

/** Where devices call, with a token of that zone: tablets, hospitals' screens, desks. */
export const deviceZones = ["crew", "care", "control"] as const;
/** Where a caller comes in; `app` serves files and knows nobody. */
export const policyZones = ["app", ...deviceZones] as const;
export type PolicyZone = (typeof policyZones)[number];

/**
 * What an allowed act still asks for. `reason`: the caller says why, before anything is shown. `step-up`: the person proves
 * the second factor again. `co-sign`: somebody else signs afterwards; it never holds the act up.
 */
export type Need = "reason" | "step-up" | "co-sign";

/** What a role's holder ordinarily acts for. */
const purposeOf: Partial<Record<Role, Purpose>> = {
  records: "records",
  governance: "governance",
  security: "security",
  continuity: "configuration",
  configuration: "configuration",
  "external-approver": "governance",
  integration: "integration",
};
/** What the holder of these roles ordinarily acts for; care, unless the roles say otherwise. Never empty. */
export const purposesOf = (held: readonly Role[]): Purpose[] =>
  held.length === 0 ? ["direct-care"] : [...new Set(held.map((role) => purposeOf[role] ?? "direct-care"))];
