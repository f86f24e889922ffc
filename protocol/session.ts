import * as z from "zod/mini";

/**
 * A person's tokens, bound to the device's key (RFC 9449). `accessToken` is opaque, and read for `expiresInSeconds`; then
 * `refreshToken`, which is spent by being used, gives the next. A token that was spent before ends the session.
 */
export const sessionTokens = z.object({
  sessionId: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresInSeconds: z.int(),
});
export type SessionTokens = z.infer<typeof sessionTokens>;

/** `POST /identity/v1/refresh`, with a proof and no access token; answered with `sessionTokens`. */
export const refreshRequest = z.object({
  protocol: z.int(),
  refreshToken: z.string().check(z.maxLength(500)),
});
export type RefreshRequest = z.infer<typeof refreshRequest>;
