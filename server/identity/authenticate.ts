import type { KeyRing } from "../sealing/key-ring.ts";
import type { Identity, Principal } from "./identity.ts";
import { readToken } from "./tokens.ts";

/** Tokens whose seal was checked; oldest out first. */
const authenticMax = 20_000;

/** Who a token of this cell names. It says the same for ever: when its term ends is for the caller to see. */
export const createAuthenticate = (keyRing: KeyRing): Identity["authenticate"] => {
  const authentic = new Map<string, Principal>();
  return (token) => {
    const known = authentic.get(token);
    if (known) return known;
    try {
      const principal = readToken(keyRing.tokenKey, token) ?? readFormer(keyRing, token);
      if (principal === null) return null;
      if (authentic.size >= authenticMax) authentic.delete(authentic.keys().next().value!);
      authentic.set(token, principal);
      return principal;
    } catch {
      return null;
    }
  };
};

/** After the key of tokens was rotated, what was given before names no person and reads nothing: its device pushes and beats. */
const readFormer = (keyRing: KeyRing, token: string): Principal | null => {
  for (const key of keyRing.formerTokenKeys) {
    const given = readToken(key, token);
    if (given === null) continue;
    const { deviceId, zone, siteId, keyThumbprint, readsUntilMs } = given;
    const device = { deviceId, zone, siteId, readsUntilMs: 0, ...(keyThumbprint !== undefined && { keyThumbprint }) };
    return given.person === undefined ? { ...device, formerlyReadUntilMs: readsUntilMs } : device;
  }
  return null;
};
