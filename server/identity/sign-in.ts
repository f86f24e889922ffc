import { countsEverywhere } from "#defence/access/words.ts";
import type {
  GrantSignIn,
  PasskeyNew,
  PasskeySignIn,
  PasskeyStartResponse,
  SignedInPerson,
  SignInWays,
} from "#protocol/sign-in.ts";
import { ProblemError } from "../http/problem-error.ts";
import { type ControlLog, StaleSubject } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { createChallenges } from "./challenges.ts";
import { checkPinProof, userOfGrant } from "./grant-sign-in.ts";
import type { Principal } from "./identity.ts";
import type { Issuer } from "./issuer.ts";
import { createPasskeyCodes } from "./passkey-codes.ts";
import { type Ceremony, createPasskeys } from "./passkeys.ts";
import { createPeople, type KnownPerson } from "./people.ts";
import type { Provider } from "./provider.ts";
import { createSealedAccounts, type SealedAccounts } from "./sealed-accounts.ts";
import type { UsedOnce } from "./used-once.ts";

/**
 * How people of a cell prove who they are, each way with two factors; what is resolved to may be given a session. All
 * reject with a ProblemError that says what to do.
 */
export interface SignIn {
  ways(): Promise<SignInWays>;
  challenge(deviceId: string): string;
  byPasskey(asked: PasskeySignIn, principal: Principal, origin: string): Promise<SignedInPerson>;
  startProvider: Provider["start"];
  byProvider(query: string, principal: Principal): Promise<{ person: SignedInPerson; signOutUrl: string | undefined }>;
  bySealedCode: SealedAccounts["open"];
  byGrant(asked: GrantSignIn, principal: Principal): Promise<SignedInPerson>;
  /** For who is signed in, or whom the desk gave a code. */
  startPasskey(code: string | undefined, principal: Principal): Promise<PasskeyStartResponse>;
  registerPasskey(asked: PasskeyNew, principal: Principal, origin: string): Promise<string>;
  /** A person was changed, perhaps by another process. */
  forgetPeople(): void;
}

export const createSignIn = (parts: {
  log: ControlLog;
  keyRing: KeyRing;
  usedOnce: UsedOnce;
  trust: string;
  issuer: Issuer;
  demonstration: boolean;
  onSecurityEvent(event: { code: string; deviceId: string }): void;
}): SignIn => {
  const { log, keyRing, onSecurityEvent } = parts;
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
  const sealed = createSealedAccounts({ log, onSecurityEvent });
  const codes = createPasskeyCodes(log);
  const at = ({ deviceId }: Principal, origin: string): Ceremony => ({ deviceId, origin });

  /** Who makes a passkey: whoever is signed in for at least as much, or whose the code is. */
  const maker = async (code: string | undefined, { person }: Principal): Promise<KnownPerson> => {
    // A PIN counts on its tablet alone: it must not make what counts everywhere.
    const own = person !== undefined && countsEverywhere.has(person.strength) ? person.userId : undefined;
    const userId = code === undefined ? own : await codes.personOf(code);
    const known = userId === undefined ? undefined : await people.find(userId);
    if (known !== undefined) return known;
    throw new ProblemError(
      403,
      "person-needed",
      "Nobody is signed in for whom this passkey could be.",
      "Sign in with the provider first, or type the code that the desk gave you.",
    );
  };

  return {
    ways: async () => {
      const described = await (await provider()).describe();
      return { demonstration: parts.demonstration, ...(described && { provider: described }) };
    },
    challenge: passkeys.challenge,
    byPasskey: async (asked, principal, origin) => {
      const userId = await passkeys.signIn(asked, at(principal, origin));
      return asSignedIn(await people.find(userId), principal, "passkey");
    },
    startProvider: async (at) => (await provider()).start(at),
    byProvider: async (query, principal) => {
      const { issuer, sub, signOutUrl } = await (await provider()).finish(principal.deviceId, query);
      const person = await people.findByProvider(issuer, sub);
      return { person: asSignedIn(person, principal, "provider"), signOutUrl };
    },
    bySealedCode: sealed.open,
    byGrant: async (asked, principal) => {
      const { trust, issuer } = parts;
      const userId = await userOfGrant(asked, principal, { trust, issuer, nowMs: Date.now() });
      const person = await people.find(userId);
      if (person !== undefined) checkPinProof(asked, person.pin);
      return asSignedIn(person, principal, asked.strength);
    },
    startPasskey: async (code, principal) => passkeys.start(await maker(code, principal), principal.deviceId),
    registerPasskey: async (asked, principal, origin) => {
      const person = await maker(asked.code, principal);
      const use = asked.code === undefined ? [] : [await codes.use(asked.code, principal.deviceId)];
      return passkeys.register(asked, person, at(principal, origin), use).catch((error) => {
        throw error instanceof StaleSubject ? codes.used() : error;
      });
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
