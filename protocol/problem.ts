import * as z from "zod/mini";

/** Body of every 4xx and 5xx outside FHIR (RFC 9457): a stable code, and what to do about it. Never holds patient data. */
export const problem = z.object({
  code: z.string(),
  title: z.string(),
  todo: z.string(),
  retryAfterMs: z.optional(z.int()),
});
export type Problem = z.infer<typeof problem>;
