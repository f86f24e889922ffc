import { startAuthentication, startRegistration } from "@simplewebauthn/browser";
import type * as z from "zod/mini";
import {
  type breakGlassSignIn,
  challengeResponse,
  challengeText,
  passkeyMade,
  passkeyStartResponse,
  providerStartResponse,
  type SignInWays,
  signedIn,
  signInWays,
} from "#protocol/sign-in.ts";
import { sha256Base64url } from "./bytes.ts";
import type { PersonSession } from "./person-session.ts";
import { call, type Endpoint, postJson, readJson } from "./transport.ts";

/** One trust's cell, where somebody signs in at this device. */
export interface SignInPlace {
  /** As people know it. */
  name: string;
  endpoint: Endpoint;
  session: PersonSession;
}

/** What went wrong at one of the places, in words. */
export interface PlaceFault {
  name: string;
  words: string;
}

/** The person closed the browser's question, or has no passkey for it. */
export class PasskeyNotUsed extends Error {
  constructor() {
    super("No passkey was used. Try again, or sign in another way.");
    this.name = "PasskeyNotUsed";
  }
}

export const readWays = async ({ endpoint }: SignInPlace): Promise<SignInWays> =>
  readJson(signInWays, await call(endpoint, "/identity/v1/sign-in"));

/**
 * Signs in with one touch at all places that answer. Resolves to what went wrong at the others; rejects with PasskeyNotUsed,
 * or with the first place's fault where none answers.
 */
export const signInByPasskey = async (places: readonly SignInPlace[]): Promise<PlaceFault[]> => {
  const asked = await atEach(places, ({ endpoint }) =>
    postJson(endpoint, "/identity/v1/sign-in/challenge", {}, challengeResponse),
  );
  const challenges = asked.done.map(({ value }) => value.challenge);
  const optionsJSON = {
    challenge: await toSign(challenges, asked.faults),
    rpId: location.hostname,
    userVerification: "required" as const,
  };
  const response = await startAuthentication({ optionsJSON }).catch(notUsed);
  const answered = await atEach(
    asked.done.map(({ place }) => place),
    async ({ endpoint, session }) =>
      session.signedIn(await postJson(endpoint, "/identity/v1/sign-in/passkey", { challenges, response }, signedIn)),
  );
  return [...asked.faults, ...answered.faults];
};

/**
 * Makes a passkey for who is signed in, or whose the desk's code is, and adds it at all places that agree. Resolves and
 * rejects like `signInByPasskey`.
 */
export const addPasskey = async (
  places: readonly SignInPlace[],
  name: string,
  code: string | undefined,
): Promise<PlaceFault[]> => {
  const withCode = code !== undefined && { code };
  const asked = await atEach(places, ({ endpoint }) =>
    postJson(endpoint, "/identity/v1/passkeys/start", { ...withCode }, passkeyStartResponse),
  );
  const challenges = asked.done.map(({ value }) => value.challenge);
  const challenge = await toSign(challenges, asked.faults);
  const { user } = asked.done[0]!.value;
  const known = new Set(asked.done.flatMap(({ value }) => value.exclude));
  const optionsJSON = {
    rp: { id: location.hostname, name: "Holdfast" },
    user,
    challenge,
    pubKeyCredParams: [
      { type: "public-key" as const, alg: -7 },
      { type: "public-key" as const, alg: -257 },
    ],
    excludeCredentials: [...known].map((id) => ({ type: "public-key" as const, id })),
    authenticatorSelection: { residentKey: "required" as const, userVerification: "required" as const },
  };
  const response = await startRegistration({ optionsJSON }).catch(notUsed);
  const body = { challenges, name, response, ...withCode };
  const made = await atEach(
    asked.done.map(({ place }) => place),
    ({ endpoint }) => postJson(endpoint, "/identity/v1/passkeys", body, passkeyMade),
  );
  // A code is one trust's: that the others do not know it is no fault.
  return code === undefined ? [...asked.faults, ...made.faults] : made.faults;
};

/** Whether who is signed in has no passkey yet. */
export const lacksPasskey = async ({ endpoint }: SignInPlace): Promise<boolean> =>
  (await postJson(endpoint, "/identity/v1/passkeys/start", {}, passkeyStartResponse)).exclude.length === 0;

/**
 * Where the browser goes to sign in. `again`: the provider asks even whom it remembers. `code`: the desk's, for who signs in so for the
 * first time.
 */
export const startProvider = async ({ endpoint }: SignInPlace, again: boolean, code?: string): Promise<string> => {
  const asked = { again, ...(code !== undefined && { code }) };
  return (await postJson(endpoint, "/identity/v1/sign-in/provider/start", asked, providerStartResponse)).url;
};

/** `query`: what the provider sent the browser back with. */
export const finishProvider = async ({ endpoint, session }: SignInPlace, query: string): Promise<void> =>
  session.signedIn(await postJson(endpoint, "/identity/v1/sign-in/provider/finish", { query }, signedIn));

/** A trust's sealed account, opened with its printed code. */
export const openSealedAccount = async (
  { endpoint, session }: SignInPlace,
  asked: z.infer<typeof breakGlassSignIn>,
): Promise<void> => session.signedIn(await postJson(endpoint, "/identity/v1/sign-in/break-glass", asked, signedIn));

const atEach = async <T>(places: readonly SignInPlace[], work: (place: SignInPlace) => Promise<T>) => {
  const done: { place: SignInPlace; value: T }[] = [];
  const faults: PlaceFault[] = [];
  await Promise.all(
    places.map(async (place) => {
      try {
        done.push({ place, value: await work(place) });
      } catch (failure) {
        faults.push({ name: place.name, words: failure instanceof Error ? failure.message : "It did not answer." });
      }
    }),
  );
  return { done, faults };
};

const toSign = async (challenges: readonly string[], faults: readonly PlaceFault[]): Promise<string> => {
  if (challenges.length === 0) throw new Error(faults[0]?.words ?? "There is nothing to sign in to.");
  return sha256Base64url(challengeText(challenges));
};

const notUsed = (failure: unknown): never => {
  const name = failure instanceof Error ? failure.name : "";
  if (name === "InvalidStateError") throw new Error("This device holds a passkey of yours already: sign in with it.");
  if (name === "NotAllowedError" || name === "AbortError") throw new PasskeyNotUsed();
  throw new Error("This browser cannot use passkeys here. Sign in another way.");
};
