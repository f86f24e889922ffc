import { sign } from "node:crypto";
import canonicalize from "canonicalize";
import * as z from "zod/mini";
import { type PublicJwk, publicJwk, type SignedStatement } from "#protocol/grants.ts";
import type { ControlLog } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { isSameKey, publicOf, sealedPrivateKey } from "../sealing/sealed-private-key.ts";
import { keyFiles } from "../sealing/trust-key.ts";
import { publishAsOwner } from "./publish-as-owner.ts";

/** What the trust says and signs: certificates over device keys, grants over people on devices. */
export interface Issuer {
  sign(statement: Readonly<Record<string, unknown>>): SignedStatement;
  /** Newest first. Earlier ones stay, so that what they signed still counts until it expires. */
  readonly publicKeys: readonly PublicJwk[];
}

export interface IssuerParts {
  dataDirectory: string;
  trust: string;
  keyRing: KeyRing;
  log: ControlLog;
  /** Of the cell's database, in a process that prepares it: no zone's role may write settings by itself. */
  ownerUrl: string | undefined;
}

/** Subject id of the setting that holds the public keys. */
const settingId = "issuer-keys";
const setting = z.object({ keys: z.array(publicJwk) });

/**
 * The trust's issuer key: P-256, its private half sealed in HOLDFAST_DATA/keys, its public half in the control log, so that a
 * restored server knows what its devices were given. Where the file is missing, a new key is made and put before the others.
 */
export const openIssuer = async ({ dataDirectory, trust, keyRing, log, ownerUrl }: IssuerParts): Promise<Issuer> => {
  const privateKey = sealedPrivateKey(keyFiles(dataDirectory, trust).issuer, "issuer", trust, keyRing);
  const publicKey = publicOf(privateKey);
  const known = await knownKeys(log);
  const publicKeys = [publicKey, ...known.keys.filter((key) => !isSameKey(key, publicKey))];
  if (ownerUrl !== undefined && publicKeys.length > known.keys.length) {
    const reason = known.position === 0 ? "first issuer key" : "issuer key rotated";
    const line = { kind: "setting", id: settingId, state: { keys: publicKeys }, by: {}, reason } as const;
    await publishAsOwner(ownerUrl, keyRing, [{ ...line, expected: known.position }]);
  }
  return {
    publicKeys,
    sign: (says) => {
      const statement = canonicalize(says);
      if (statement === undefined) throw new Error("A statement must be JSON.");
      const signature = sign("sha256", Buffer.from(statement), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return { statement, signature: signature.toString("base64url") };
    },
  };
};

const knownKeys = async (log: ControlLog): Promise<{ keys: PublicJwk[]; position: number }> => {
  const held = await log.find("setting", settingId);
  return { keys: held === undefined ? [] : setting.parse(held.state).keys, position: held?.position ?? 0 };
};
