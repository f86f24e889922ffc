import { startAuthentication, startRegistration } from "@simplewebauthn/browser";
import { base64url, utf8 } from "#client/bytes.ts";
import {
  challengeResponse,
  challengeText,
  passkeyMade,
  passkeyStartResponse,
  providerStartResponse,
  type SignedIn,
  signedIn,
} from "#protocol/sign-in.ts";
import type { Desk } from "../desk/desk.ts";

const digestOf = async (challenges: readonly string[]): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(challengeText(challenges)))));

/** Signs in with a passkey of this browser or a key in the hand. Rejects with a DeskFailure, or with the browser's own words. */
export const signInByPasskey = async (desk: Desk): Promise<SignedIn> => {
  const { challenge } = await desk.change(challengeResponse, "/identity/v1/sign-in/challenge", {});
  const response = await startAuthentication({
    optionsJSON: { challenge: await digestOf([challenge]), rpId: location.hostname, userVerification: "required" },
  });
  return desk.change(signedIn, "/identity/v1/sign-in/passkey", { challenges: [challenge], response });
};

/** Makes a passkey for who is signed in, or for whom the desk gave `code`. */
export const makePasskey = async (desk: Desk, name: string, code?: string): Promise<void> => {
  const asked = code === undefined ? {} : { code };
  const start = await desk.change(passkeyStartResponse, "/identity/v1/passkeys/start", asked);
  const { challenge, user, exclude } = start;
  const response = await startRegistration({
    optionsJSON: {
      challenge: await digestOf([challenge]),
      rp: { id: location.hostname, name: "Holdfast" },
      user,
      excludeCredentials: exclude.map((id) => ({ id, type: "public-key" })),
      pubKeyCredParams: [
        { type: "public-key", alg: -7 },
        { type: "public-key", alg: -257 },
      ],
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
    },
  });
  await desk.change(passkeyMade, "/identity/v1/passkeys", { ...asked, challenges: [challenge], name, response });
};

/** Where the provider sends the browser back to. */
export const returnPath = "/sign-in/return";
const cameFromKey = "holdfast.desk.came-from";

/** Leaves for the provider, and comes back to the page it was on. */
export const leaveForProvider = async (desk: Desk): Promise<void> => {
  const { url } = await desk.change(providerStartResponse, "/identity/v1/sign-in/provider/start", { again: true });
  sessionStorage.setItem(cameFromKey, location.pathname);
  location.assign(url);
};

/** Back from the provider: who it says it is. */
export const finishProvider = (desk: Desk, query: string): Promise<SignedIn> =>
  desk.change(signedIn, "/identity/v1/sign-in/provider/finish", { query });

/** The page that the browser left for the provider from. */
export const cameFrom = (): string => {
  const from = sessionStorage.getItem(cameFromKey);
  sessionStorage.removeItem(cameFromKey);
  return from?.startsWith("/") && !from.startsWith("//") && from !== returnPath ? from : "/";
};

/** Opens a sealed account with its printed code. */
export const signInBySealedCode = (desk: Desk, code: string, reason: string): Promise<SignedIn> =>
  desk.change(signedIn, "/identity/v1/sign-in/break-glass", { code, reason });
