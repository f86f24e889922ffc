/** Names of the rows that make a browser a device; each row's value is typed where it is used. */
export const things = {
  enrolment: "enrolment",
  identity: "identity",
  token: "token",
  wraps: "wraps",
  screenKey: "screen-key",
  pinAttempts: "pin-attempts-by-person",
  authenticator: "authenticator",
  /** The data key, sealed under itself. */
  dataKeyItself: "data-key-itself",
  /** A public key that a locked tablet seals to for itself, and its private half, under the data key. */
  box: "box",
  boxKey: "box-key",
  /** What opens films for a screen's site: PKCS #8 each, under the data key, and the tag of the answer that brought them. */
  siteKeys: "site-keys",
  /** Films that were received or answered here, under the data key. */
  films: "films",
  /** Ids of records that were written to while the tablet was locked. */
  lockedRecords: "locked-records",
  clock: "trusted-clock",
  drafts: "drafts",
  /** Counter and roster tag of the last heartbeat. */
  heartbeat: "heartbeat",
} as const;
