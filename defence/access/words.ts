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
 * How a person was let in. `pin`: on an enrolled tablet, two factors by the device and the PIN. `vouched`: not known to the
 * tablet, let in by a crewmate.
 */
export const signInStrengths = ["passkey", "provider", "pin", "pin-weak", "vouched", "break-glass", "none"] as const;
export type SignInStrength = (typeof signInStrengths)[number];

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
  "approve",
] as const;
export type Action = (typeof actions)[number];

/** Where a caller comes in. */
export const policyZones = ["app", "crew", "care", "control"] as const;
export type PolicyZone = (typeof policyZones)[number];

/**
 * What an allowed act still asks for. `reason`: the caller says why, before anything is shown. `step-up`: the person proves
 * the second factor again. `co-sign`: somebody else signs afterwards; it never holds the act up.
 */
export type Need = "reason" | "step-up" | "co-sign";

/**
 * Why somebody opens what is not theirs to open every day: a code, because a sentence would hold what the access log must
 * not. The review asks the person for the rest.
 */
export const reasons = [
  "caring-for-this-patient",
  "took-over-from-another-crew",
  "advising-a-crew",
  "patient-asked",
  "legal-request",
  "complaint",
  "audit",
  "disposal-due",
] as const;
export type Reason = (typeof reasons)[number];
