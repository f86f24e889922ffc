import type { Client, Person } from "#client/client.ts";

export type SignInAnswer =
  | { signedIn: true }
  /** What to tell the person, and how long the pad stays shut, ms. */
  | { signedIn: false; say: string; retryAfterMs: number };

/** Who may unlock, and how a person proves it. The rest of the tablet knows nothing of PINs. */
export interface SignIn {
  people(): readonly Person[];
  signIn(userId: string, proof: string): Promise<SignInAnswer>;
}

/** A person of the roster and their PIN, checked on this tablet without a network. */
export const pinSignIn = (client: Client): SignIn => ({
  people: () => client.getSnapshot().enrolment?.people ?? [],
  signIn: async (userId, pin) => {
    const result = await client.unlock(userId, pin);
    if (result.unlocked) return { signedIn: true };
    return { signedIn: false, say: sayings[result.why](result.triesLeft), retryAfterMs: result.retryAfterMs };
  },
});

/** Each says what goes on all the same: nobody is kept from writing. */
const sayings = {
  "wrong-pin": (left: number) => `That PIN is not right. ${left} ${left === 1 ? "try" : "tries"} left.`,
  "unknown-person": () => "This tablet cannot let this person in yet. Let a crewmate vouch, or start a record below.",
  wait: () => "Too many wrong PINs. Wait, then try again. A record can be started below.",
  destroyed: () =>
    "Ten wrong PINs: this name is shut here until the base is heard and a crewmate unlocks. A record can be started below.",
  "grant-over": () =>
    "The base has not been heard for too long to let this person in. A record can be started below; it is sent all the same.",
  authenticator: () => "This tablet's own authenticator did not answer. Try again. A record can be started below.",
  "pin-alone": () =>
    "This trust asks for more than a PIN, and this tablet has no authenticator. Tell the trust's desk.",
} as const;
