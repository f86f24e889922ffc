import { randomBytes } from "node:crypto";
import type { KeyRing } from "../sealing/key-ring.ts";
import { openedText, sealedText } from "./tokens.ts";
import type { UsedOnce } from "./used-once.ts";

const goodForMs = 5 * 60_000;

/** What a browser is asked to answer once, within minutes, from the device that asked. Kept by nobody until it is used. */
export interface Challenges {
  /** `about` comes back when the challenge is used: what it was given for. */
  make(use: string, deviceId: string, about?: string): string;
  /** Resolves to what it is about; null for one that is foreign, another device's, too old, or used before. */
  use(use: string, deviceId: string, challenge: string): Promise<string | null>;
}

export const createChallenges = (keyRing: KeyRing, usedOnce: UsedOnce, nowMs: () => number): Challenges => {
  const key = keyRing.derive("sign-in challenges");
  return {
    make: (use, deviceId, about = "") => {
      const said = JSON.stringify([use, deviceId, nowMs() + goodForMs, randomBytes(16).toString("hex"), about]);
      return sealedText(key, Buffer.from(said).toString("base64url"));
    },
    use: async (use, deviceId, challenge) => {
      const body = openedText(key, challenge);
      if (body === null) return null;
      const [madeFor, madeAt, endsMs, , about] = JSON.parse(Buffer.from(body, "base64url").toString());
      if (madeFor !== use || madeAt !== deviceId || endsMs < nowMs()) return null;
      return (await usedOnce.take("challenge", challenge, endsMs)) ? about : null;
    },
  };
};
