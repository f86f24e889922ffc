import * as z from "zod/mini";
import { signedStatement } from "./grants.ts";
import { serverState } from "./server-state.ts";
import { grantSignIn } from "./sign-in.ts";

/**
 * `POST /identity/v1/attach`: a device of the trust comes to a server that did not give it its tokens: the standby, or one that was
 * restored with keys of its own. It shows its certificate and a proof by its key. A tablet reads only where somebody's PIN was typed:
 * without `signIn` it is given a token that pushes and beats, as a locked one has.
 */
export const attachRequest = z.object({
  protocol: z.int(),
  certificate: signedStatement,
  signIn: z.optional(grantSignIn),
});
export type AttachRequest = z.infer<typeof attachRequest>;

export const attachResponse = z.object({
  server: serverState,
  /** Absent where the device may not read: a locked tablet, a certificate that has run out, a device that is not in good standing. */
  token: z.optional(z.string()),
  /** Of a tablet. */
  pushToken: z.optional(z.string()),
});
export type AttachResponse = z.infer<typeof attachResponse>;
