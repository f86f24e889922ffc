import { createPublicKey, type JsonWebKeyInput } from "node:crypto";
import type { ConnectionKey } from "#protocol/control/connections.ts";
import { ProblemError } from "../http/problem-error.ts";

const rsaBitsMin = 2048;
const rsaBitsMax = 8192;

/** Throws a 400 that says which key cannot sign an assertion, and what to do; of several keys each has its own `kid`. */
export const checkKeys = (keys: readonly ConnectionKey[]): void => {
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length)
    throw bad("Two keys have the same kid.", "Give each key its own kid.");
  for (const key of keys) checkKey(key);
};

const checkKey = ({ d, ...key }: ConnectionKey): void => {
  const which = `The key "${key.kid}"`;
  if (d !== undefined)
    throw new ProblemError(
      400,
      "private-key",
      `${which} is a private key, which has now been shown to somebody else.`,
      "Have the other system make a new pair, and give only its public half.",
    );
  if (key.alg !== undefined && key.alg !== (key.kty === "RSA" ? "RS384" : "ES384"))
    throw bad(`${which} has an alg that its kty does not sign.`, "RSA signs RS384, EC signs ES384.");
  const bits = modulusBits(key);
  if (bits === null)
    throw bad(`${which} is no public key of RSA or P-384.`, "Paste the whole JSON Web Key Set of the other system.");
  if (bits !== undefined && (bits < rsaBitsMin || bits > rsaBitsMax))
    throw bad(`${which} has ${bits} bits.`, `RSA keys here have ${rsaBitsMin} to ${rsaBitsMax} bits.`);
};

/** Of an RSA key; undefined for another, null for none. */
const modulusBits = (key: ConnectionKey): number | undefined | null => {
  try {
    return createPublicKey({ key: key as JsonWebKeyInput["key"], format: "jwk" }).asymmetricKeyDetails?.modulusLength;
  } catch {
    return null;
  }
};

const bad = (title: string, todo: string): ProblemError => new ProblemError(400, "bad-key", title, todo);
