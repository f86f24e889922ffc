/** Number of the wire protocol. History: 1, the first (2026-11). A change of any message's schema changes the fingerprint test. */
export const protocolVersion = 1;
/** Oldest version a server still answers. */
export const oldestSupportedVersion = 1;
