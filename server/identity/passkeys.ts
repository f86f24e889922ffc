import { createHash } from "node:crypto";
import type * as z from "zod/mini";
import { challengeText, type PasskeyNew, type PasskeySignIn, type PasskeyStartResponse } from "#protocol/sign-in.ts";
import { ProblemError } from "../http/problem-error.ts";
import { type ControlChange, type ControlLog, StaleSubject, type Subject } from "../logs/control-log.ts";
import { unlessStandby } from "../standby/read-only-control-log.ts";
import type { Challenges } from "./challenges.ts";
import type { KnownPerson } from "./people.ts";
import { passkeySubject } from "./subjects.ts";

/** Where a ceremony takes place: the calling device, and the web app's origin, whose host name is the relying party. */
export interface Ceremony {
  deviceId: string;
  origin: string;
}

export interface Passkeys {
  challenge(deviceId: string): string;
  /** Resolves to the user id of whom the passkey is. Rejects with a ProblemError. */
  signIn(asked: PasskeySignIn, at: Ceremony): Promise<string>;
  /** What a browser needs to make a new passkey for this person. */
  start(person: KnownPerson, deviceId: string): Promise<PasskeyStartResponse>;
  /**
   * Resolves to the credential's id once its control line has committed, together with `also`. Rejects with StaleSubject if
   * one of those was changed meanwhile.
   */
  register(asked: PasskeyNew, person: KnownPerson, at: Ceremony, also?: readonly ControlChange[]): Promise<string>;
}

/** By the first ceremony and not at the start: it takes a tenth of an idle server's memory. */
const webauthn = () => import("@simplewebauthn/server");

type Passkey = z.infer<typeof passkeySubject>;
const passkeysMax = 20;

export const createPasskeys = (parts: {
  log: ControlLog;
  challenges: Challenges;
  onSecurityEvent(event: { code: string; deviceId: string; userId: string }): void;
}): Passkeys => {
  const { log, challenges, onSecurityEvent } = parts;
  const passkeysOf = async (userId: string): Promise<string[]> =>
    (await log.all("passkey")).flatMap(({ id, state }) => {
      const passkey = passkeySubject.parse(state);
      return passkey.userId === userId && passkey.removed !== true ? [id] : [];
    });

  /** All challenges of ours are used up, so that one touch lets in once; true if the authenticator signed exactly these challenges. */
  const isOurs = async (given: readonly string[], { deviceId }: Ceremony) => {
    const uses = await Promise.all(given.map((each) => challenges.use("passkey", deviceId, each)));
    const used = uses.some((about) => about !== null);
    const expected = createHash("sha256").update(challengeText(given)).digest("base64url");
    return (signed: string): boolean => used && signed === expected;
  };

  /** A counter that does not go up tells of a copied authenticator. Those that count nothing stay at 0. */
  const count = async (known: Subject, passkey: Passkey, counter: number, deviceId: string): Promise<void> => {
    if (counter === 0 && passkey.counter === 0) return;
    if (counter <= passkey.counter) {
      onSecurityEvent({ code: "passkey-counter-regressed", deviceId, userId: passkey.userId });
      throw new ProblemError(
        403,
        "passkey-copied",
        "This passkey seems to exist twice.",
        "Sign in another way, and tell the desk, which removes this passkey.",
      );
    }
    const state = { ...passkey, counter };
    const change = { kind: "passkey", id: known.id, state, by: { deviceId }, expected: known.position } as const;
    await log.append([change]).catch(unlessStandby);
  };

  return {
    challenge: (deviceId) => challenges.make("passkey", deviceId),

    signIn: async ({ challenges: given, response }, at) => {
      const known = await log.find("passkey", response.id);
      const passkey = known && passkeySubject.parse(known.state);
      if (passkey === undefined || passkey.removed === true)
        throw new ProblemError(
          403,
          "unknown-passkey",
          "This passkey is not known here.",
          "Use another, or sign in another way and add this one.",
        );
      const { verifyAuthenticationResponse } = await webauthn();
      const verified = await verifyAuthenticationResponse({
        response,
        expectedChallenge: await isOurs(given, at),
        expectedOrigin: at.origin,
        expectedRPID: new URL(at.origin).hostname,
        requireUserVerification: true,
        // The counter is judged below, where a regression is told apart from other faults.
        credential: { id: response.id, publicKey: Buffer.from(passkey.publicKey, "base64url"), counter: -1 },
      } as Parameters<typeof verifyAuthenticationResponse>[0]).catch(() => null);
      if (!verified?.verified) throw notAccepted();
      try {
        await count(known!, passkey, verified.authenticationInfo.newCounter, at.deviceId);
      } catch (error) {
        // Two sign-ins at once with one passkey: the second one's person presses again.
        throw error instanceof StaleSubject ? notAccepted() : error;
      }
      return passkey.userId;
    },

    start: async ({ userId, name, staffNumber }, deviceId) => ({
      challenge: challenges.make("passkey", deviceId),
      user: { id: Buffer.from(userId).toString("base64url"), name: `${name}, ${staffNumber}`, displayName: name },
      exclude: await passkeysOf(userId),
    }),

    register: async ({ challenges: given, name, response }, { userId }, at, also = []) => {
      const { verifyRegistrationResponse } = await webauthn();
      const verified = await verifyRegistrationResponse({
        response,
        expectedChallenge: await isOurs(given, at),
        expectedOrigin: at.origin,
        expectedRPID: new URL(at.origin).hostname,
        requireUserVerification: true,
      } as Parameters<typeof verifyRegistrationResponse>[0]).catch(() => null);
      if (!verified?.verified) throw notAccepted();
      if ((await passkeysOf(userId)).length >= passkeysMax)
        throw new ProblemError(
          409,
          "too-many-passkeys",
          `You have ${passkeysMax} passkeys.`,
          "Have the desk remove one that you do not use.",
        );
      const { id, publicKey, counter, transports } = verified.registrationInfo.credential;
      const state: Passkey = {
        userId,
        publicKey: Buffer.from(publicKey).toString("base64url"),
        counter,
        transports: transports ?? [],
        name,
      };
      const by = { userId, deviceId: at.deviceId };
      if ((await log.find("passkey", id)) !== undefined)
        throw new ProblemError(409, "passkey-taken", "This passkey is known here already.", "Sign in with it.");
      await log.append([{ kind: "passkey", id, state, by, expected: 0 }, ...also]);
      return id;
    },
  };
};

const notAccepted = (): ProblemError =>
  new ProblemError(
    403,
    "passkey-refused",
    "The passkey was not accepted.",
    "Try once more; unlock it with your finger, face or PIN when the browser asks.",
  );
