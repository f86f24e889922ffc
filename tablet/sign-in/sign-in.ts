import type { Client, Person } from "#client/client.ts";

export type SignInAnswer =
  | { signedIn: true }
  /** What to tell the person, and how long the pad stays shut, ms. */
  | { signedIn: false; say: string; retryAfterMs: number };

/**
 * The seam for real sign-in: who may, and how a person proves it. The rest of the tablet knows nothing of PINs, only the
 * word under which each entry records how its author had signed in.
 */
export interface SignIn {
  strength: string;
  people(): readonly Person[];
  signIn(userId: string, proof: string): Promise<SignInAnswer>;
}

/** The demonstration's sign-in: a person of the roster and their PIN, checked on this tablet without a network. */
export const pinSignIn = (client: Client): SignIn => ({
  strength: "pin",
  people: () => client.getSnapshot().enrolment?.people ?? [],
  signIn: async (userId, pin) => {
    const result = await client.unlock(userId, pin);
    if (result.unlocked) return { signedIn: true };
    return { signedIn: false, say: sayings[result.why], retryAfterMs: result.retryAfterMs };
  },
});

const sayings = {
  "wrong-pin": "That PIN is not right. Try again.",
  "unknown-person": "This person is not on this tablet's roster.",
  wait: "Too many wrong PINs. Wait, then try again.",
} as const;
