import * as z from "zod/mini";

/** SMART Backend Services, App Launch 2.2: `POST /identity/v1/token` on the care zone, as a form. */
export const tokenRequest = z.object({
  grant_type: z.string().check(z.maxLength(100)),
  scope: z._default(z.string().check(z.maxLength(2_000)), ""),
  client_assertion_type: z._default(z.string().check(z.maxLength(200)), ""),
  client_assertion: z._default(z.string().check(z.maxLength(6_000)), ""),
});
export type TokenRequest = z.infer<typeof tokenRequest>;

export const tokenResponse = z.object({
  access_token: z.string(),
  token_type: z.enum(["bearer", "DPoP"]),
  expires_in: z.int(),
  scope: z.string(),
});
export type TokenResponse = z.infer<typeof tokenResponse>;

/** RFC 6749 §5.2 and RFC 9449 §5. */
export const tokenErrors = [
  "invalid_request",
  "invalid_client",
  "invalid_scope",
  "unsupported_grant_type",
  "invalid_dpop_proof",
  "use_dpop_nonce",
] as const;
export type TokenError = (typeof tokenErrors)[number];
export const tokenProblem = z.object({ error: z.enum(tokenErrors), error_description: z.string() });
export type TokenProblem = z.infer<typeof tokenProblem>;

/** What signs an assertion. */
export const assertionAlgorithms = ["RS384", "ES384"] as const;
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
