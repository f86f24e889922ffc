import * as z from "zod/mini";
import { roles, signInStrengths } from "#defence/access/words.ts";
import { type SignedStatement, signedStatement } from "./grants.ts";
import { sessionTokens } from "./session.ts";

const challenge = z.string().check(z.minLength(20), z.maxLength(400));
/** One challenge of each cell that the ceremony is for; what the authenticator signs is made of all of them. */
const challenges = z.array(challenge).check(z.minLength(1), z.maxLength(20));
const base64url = (lengthMax: number) => z.string().check(z.regex(/^[A-Za-z0-9_-]*$/), z.maxLength(lengthMax));
const code = z.string().check(z.minLength(4), z.maxLength(64));

/** The bytes that an authenticator is given for several cells' challenges: SHA-256 over this text. */
export const challengeText = (each: readonly string[]): string => each.join("\n");

/** `GET /identity/v1/sign-in`: the ways in that this cell offers. */
export const signInWays = z.object({
  provider: z.optional(z.object({ name: z.string() })),
  /** Codes and people are invented, and a screen may say which. */
  demonstration: z.boolean(),
});
export type SignInWays = z.infer<typeof signInWays>;

/** A person who is signed in on a device. */
export const signedInPerson = z.object({
  userId: z.string(),
  name: z.string(),
  roles: z.readonly(z.array(z.enum(roles))),
  strength: z.enum(signInStrengths),
});
export type SignedInPerson = z.infer<typeof signedInPerson>;

/** Every way of signing in answers it: the person, and the tokens that say so for a while (session.ts). */
export const signedIn = z.extend(sessionTokens, {
  person: signedInPerson,
  /** Where the browser ends the provider's own session too, at sign-out. */
  signOutUrl: z.optional(z.url()),
});
export type SignedIn = z.infer<typeof signedIn>;

/** `POST /identity/v1/sign-in/challenge` answers one for this device, good for one ceremony within minutes. */
export const challengeRequest = z.object({});
export const challengeResponse = z.object({ challenge });
export type ChallengeResponse = z.infer<typeof challengeResponse>;

const credentialBase = {
  id: base64url(1_400),
  rawId: base64url(1_400),
  type: z.literal("public-key"),
  clientExtensionResults: z.record(z.string().check(z.maxLength(40)), z.unknown()),
  authenticatorAttachment: z.optional(z.enum(["platform", "cross-platform"])),
};
/** `POST /identity/v1/sign-in/passkey`. `response` is WebAuthn's AuthenticationResponseJSON. */
export const passkeySignIn = z.object({
  challenges,
  response: z.object({
    ...credentialBase,
    response: z.object({
      clientDataJSON: base64url(4_000),
      authenticatorData: base64url(4_000),
      signature: base64url(1_000),
      userHandle: z.optional(base64url(100)),
    }),
  }),
});
export type PasskeySignIn = z.infer<typeof passkeySignIn>;

/** `POST /identity/v1/passkeys/start`: what a new passkey is for. The code is the desk's, for who cannot sign in yet. */
export const passkeyStart = z.object({ code: z.optional(code) });
export const passkeyStartResponse = z.object({
  challenge,
  user: z.object({ id: base64url(100), name: z.string(), displayName: z.string() }),
  /** Credentials that the person has here already. */
  exclude: z.array(z.string()),
});
export type PasskeyStartResponse = z.infer<typeof passkeyStartResponse>;

/** `POST /identity/v1/passkeys`. `response` is WebAuthn's RegistrationResponseJSON. */
export const passkeyNew = z.object({
  challenges,
  code: z.optional(code),
  name: z.string().check(z.minLength(1), z.maxLength(100)),
  response: z.object({
    ...credentialBase,
    response: z.object({
      clientDataJSON: base64url(4_000),
      attestationObject: base64url(20_000),
      transports: z.optional(z.array(z.string().check(z.maxLength(20))).check(z.maxLength(10))),
    }),
  }),
});
export type PasskeyNew = z.infer<typeof passkeyNew>;
export const passkeyMade = z.object({ credentialId: z.string() });
export type PasskeyMade = z.infer<typeof passkeyMade>;

/** A PIN for tablets. */
const pin = z.string().check(z.regex(/^\d{4,8}$/));
/** `POST /identity/v1/pin`: of who is signed in, just now with both factors, or of whom the desk gave a code. */
export const pinNew = z.object({ code: z.optional(code), pin, again: pin });
export type PinNew = z.infer<typeof pinNew>;
/** By name, whose it is. */
export const pinMade = z.object({ name: z.string() });
export type PinMade = z.infer<typeof pinMade>;

/** `POST /identity/v1/sign-in/provider/start`: where the browser goes to sign in. */
export const providerStart = z.object({
  /** The desk's: whom the provider answers with is this code's person from now on. */
  code: z.optional(code),
  /** The person is asked again even if the provider remembers them. */
  again: z.optional(z.boolean()),
});
export const providerStartResponse = z.object({ url: z.url() });
export type ProviderStartResponse = z.infer<typeof providerStartResponse>;
/** `POST /identity/v1/sign-in/provider/finish`: the query with which the provider sent the browser back. */
export const providerFinish = z.object({ query: z.string().check(z.maxLength(8_000)) });

/** `POST /identity/v1/sign-in/break-glass`: a sealed account's printed code, and why it was opened. */
export const breakGlassSignIn = z.object({
  code,
  reason: z.string().check(z.trim(), z.minLength(3), z.maxLength(500)),
});

/**
 * Two keys of one PIN: HKDF-SHA-256 with no salt and this as its info, over the 256-bit result of PBKDF2-SHA-256. Tablets are told
 * `wrap`; `proof` is made where the PIN is typed and kept at the base, because what every tablet holds proves nobody.
 */
export const pinKeyLabels = { wrap: "holdfast pin wrap", proof: "holdfast pin proof" } as const;

/**
 * `POST /identity/v1/sign-in/grant`: a tablet that a PIN unlocked says who is on it. `pinProof`: HMAC-SHA-256 over `pinProofText`,
 * base64url, under the PIN's `proof` key: that this person's PIN was typed, and not only a crewmate's. `strength` is the tablet's
 * own word.
 */
export const grantSignIn = z.object({
  grant: signedStatement,
  pinProof: base64url(43),
  strength: z.enum(["pin", "pin-weak"]),
});
export type GrantSignIn = z.infer<typeof grantSignIn>;
/** A grant names its tablet and its person, and is another the next day. */
export const pinProofText = ({ statement }: SignedStatement): string => `holdfast grant sign-in\n${statement}`;
