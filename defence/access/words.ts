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
