import { countsEverywhere } from "#defence/access/words.ts";
import type {
  GrantSignIn,
  PasskeyNew,
  PasskeySignIn,
  PasskeyStartResponse,
  PinNew,
  SignedInPerson,
  SignInWays,
} from "#protocol/sign-in.ts";
import { hasSteppedUp, lackOf } from "../http/authorize.ts";
import { ProblemError } from "../http/problem-error.ts";
import { type ControlLog, StaleSubject } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { createChallenges } from "./challenges.ts";
import { checkPinProof, userOfGrant } from "./grant-sign-in.ts";
import type { Principal } from "./identity.ts";
import type { Issuer } from "./issuer.ts";
import { checkPin, setMeanwhile, setPin } from "./own-pin.ts";
import { type Ceremony, createPasskeys } from "./passkeys.ts";
import { createPeople, type KnownPerson } from "./people.ts";
import { createPersonCodes, personCodeId } from "./person-codes.ts";
import type { PinTries } from "./pin-tries.ts";
import type { Provider } from "./provider.ts";
import { linkProvider } from "./provider-links.ts";
import { createSealedAccounts, type SealedAccounts } from "./sealed-accounts.ts";
import type { NoteOpening } from "./sealed-openings.ts";
import type { UsedOnce } from "./used-once.ts";

/**
 * How people of a cell prove who they are, each way with two factors; what is resolved to may be given a session. All
 * reject with a ProblemError that says what to do.
 */
export interface SignIn {
  ways(): Promise<SignInWays>;
  challenge(deviceId: string): string;
  byPasskey(asked: PasskeySignIn, principal: Principal, origin: string): Promise<SignedInPerson>;
  /** `code`: the desk's, for a first sign-in with the provider. */
  startProvider(at: {
    deviceId: string;
    redirectUri: string;
    again: boolean;
    code?: string | undefined;
  }): Promise<string>;
  byProvider(query: string, principal: Principal): Promise<{ person: SignedInPerson; signOutUrl: string | undefined }>;
  bySealedCode: SealedAccounts["open"];
  byGrant(asked: GrantSignIn, principal: Principal): Promise<SignedInPerson>;
  /** For who is signed in, or whom the desk gave a code. */
  startPasskey(code: string | undefined, principal: Principal): Promise<PasskeyStartResponse>;
  registerPasskey(asked: PasskeyNew, principal: Principal, origin: string): Promise<string>;
  /** Of who is signed in, or whom the desk gave a code. Resolves to the person's name. */
  setPin(asked: PinNew, principal: Principal): Promise<string>;
  /** A person was changed, perhaps by another process. */
  forgetPeople(): void;
}

export const createSignIn = (parts: {
  log: ControlLog;
  keyRing: KeyRing;
  usedOnce: UsedOnce;
  pinTries: PinTries;
  trust: string;
  issuer: Issuer;
  demonstration: boolean;
  noteOpening: NoteOpening;
  onSecurityEvent(event: { code: string; deviceId: string; userId?: string }): void;
}): SignIn => {
  const { log, keyRing, pinTries, onSecurityEvent } = parts;
  const challenges = createChallenges(keyRing, parts.usedOnce, Date.now);
  const people = createPeople(log);
  const passkeys = createPasskeys({ log, challenges, onSecurityEvent });
  let opening: Promise<Provider> | undefined;
  /** Loaded when somebody signs in and not at the start: OpenID Connect takes a twentieth of an idle server's memory. */
  const provider = (): Promise<Provider> => {
    opening ??= import("./provider.ts").then(({ createProvider }) =>
      createProvider({ log, keyRing, challenges, onSecurityEvent }),
    );
    return opening;
  };
  const sealed = createSealedAccounts({ log, noteOpening: parts.noteOpening, onSecurityEvent });
  const codes = createPersonCodes(log);
  const at = ({ deviceId }: Principal, origin: string): Ceremony => ({ deviceId, origin });

  /** Who makes a passkey, or sets a PIN: whoever is signed in for at least as much, or whose the code is. */
  const maker = async (codeId: string | undefined, principal: Principal): Promise<KnownPerson> => {
    const { person } = principal;
    // A PIN counts on its tablet alone: it must not make what counts everywhere.
    const isStrong = person !== undefined && countsEverywhere.has(person.strength);
    // Whoever finds a desk unattended must not make themselves a way in that lasts.
    if (codeId === undefined && isStrong && !hasSteppedUp(principal)) throw lackOf("step-up");
    const own = isStrong ? person.userId : undefined;
    const userId = codeId === undefined ? own : await codes.personOf(codeId);
    const known = userId === undefined ? undefined : await people.find(userId);
    if (known !== undefined) return known;
    throw new ProblemError(
      403,
      "person-needed",
      "Nobody is signed in for whom this could be.",
      "Sign in first, or type the code that the desk gave you.",
    );
  };

  const passkeyCode = (code: string | undefined) => (code === undefined ? undefined : personCodeId("passkey", code));
  const useOf = async (codeId: string | undefined, { deviceId }: Principal) =>
    codeId === undefined ? [] : [await codes.use(codeId, deviceId)];
  const usedMeanwhile = (error: unknown): never => {
    throw error instanceof StaleSubject ? codes.used() : error;
  };

  return {
    ways: async () => {
      const described = await (await provider()).describe();
      return { demonstration: parts.demonstration, ...(described && { provider: described }) };
    },
    challenge: passkeys.challenge,
    byPasskey: async (asked, principal, origin) => {
      const userId = await passkeys.signIn(asked, at(principal, origin));
      const person = asSignedIn(await people.find(userId), principal, "passkey");
      await pinTries.forgive(userId);
      return person;
    },
    startProvider: async ({ code, again, ...at }) => {
      const codeId = code === undefined ? undefined : personCodeId("provider", code);
      if (codeId !== undefined) await codes.personOf(codeId);
      // Whom the provider remembers on a shared screen may be somebody else.
      return (await provider()).start({ ...at, again: again || codeId !== undefined, codeId });
    },
    byProvider: async (query, principal) => {
      const { deviceId } = principal;
      const { issuer, sub, codeId, signOutUrl } = await (await provider()).finish(deviceId, query);
      if (codeId !== undefined) {
        // Nobody is linked who may not sign in here.
        asSignedIn(await people.find(await codes.personOf(codeId)), principal, "provider");
        await linkProvider({ log, people, codes }, { issuer, sub, codeId, deviceId }).catch(usedMeanwhile);
      }
      const person = await people.findByProvider(issuer, sub);
      return { person: asSignedIn(person, principal, "provider"), signOutUrl };
    },
    bySealedCode: sealed.open,
    byGrant: async (asked, principal) => {
      const { trust, issuer } = parts;
      const userId = await userOfGrant(asked, principal, { trust, issuer, nowMs: Date.now() });
      const person = await people.find(userId);
      if (person !== undefined) await checkPinProof(asked, person, principal, { tries: pinTries, onSecurityEvent });
      return asSignedIn(person, principal, asked.strength);
    },
    startPasskey: async (code, principal) =>
      passkeys.start(await maker(passkeyCode(code), principal), principal.deviceId),
    registerPasskey: async (asked, principal, origin) => {
      const codeId = passkeyCode(asked.code);
      const person = await maker(codeId, principal);
      return passkeys
        .register(asked, person, at(principal, origin), await useOf(codeId, principal))
        .catch(usedMeanwhile);
    },
    setPin: async (asked, principal) => {
      const codeId = asked.code === undefined ? undefined : personCodeId("pin", asked.code);
      const person = await maker(codeId, principal);
      checkPin(asked);
      const use = await useOf(codeId, principal);
      await setPin(log, person, asked.pin, principal.deviceId, use).catch(setMeanwhile);
      await pinTries.forgive(person.userId);
      return person.name;
    },
    forgetPeople: people.forget,
  };
};

/** The people of a hospital's department sign in on its own screens. */
const asSignedIn = (
  person: KnownPerson | undefined,
  { siteId }: Principal,
  strength: SignedInPerson["strength"],
): SignedInPerson => {
  if (person === undefined)
    throw new ProblemError(
      403,
      "unknown-person",
      "You proved who you are, but this trust does not know you, or no longer.",
      "Ask its desk to add you.",
    );
  if (siteId !== undefined && person.siteId !== undefined && siteId !== person.siteId)
    throw new ProblemError(
      403,
      "other-site",
      "You work at another site than this screen's.",
      "Sign in at your own site, or ask the desk to move you.",
    );
  const { userId, name, roles } = person;
  return { userId, name, roles, strength };
};
