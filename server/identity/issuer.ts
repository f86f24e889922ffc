import { createPublicKey, type KeyObject, sign } from "node:crypto";
import canonicalize from "canonicalize";
import pg from "pg";
import * as z from "zod/mini";
import { type PublicJwk, publicJwk, type SignedStatement } from "#protocol/grants.ts";
import { type ControlLog, createControlLog, StaleSubject } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { sealedPrivateKey } from "../sealing/sealed-private-key.ts";
import { keyFiles } from "../sealing/trust-key.ts";

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
  const publicKeys = [publicKey, ...known.keys.filter((key) => !isSame(key, publicKey))];
  if (ownerUrl !== undefined && publicKeys.length > known.keys.length)
    await publish(ownerUrl, keyRing, publicKeys, known.position);
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

const publicOf = (privateKey: KeyObject): PublicJwk =>
  publicJwk.parse(createPublicKey(privateKey).export({ format: "jwk" }));

const isSame = (one: PublicJwk, other: PublicJwk): boolean => one.x === other.x && one.y === other.y;

const knownKeys = async (log: ControlLog): Promise<{ keys: PublicJwk[]; position: number }> => {
  const held = await log.find("setting", settingId);
  return { keys: held === undefined ? [] : setting.parse(held.state).keys, position: held?.position ?? 0 };
};

const publish = async (ownerUrl: string, keyRing: KeyRing, keys: PublicJwk[], expected: number): Promise<void> => {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 1, application_name: "holdfast issuer" });
  const reason = expected === 0 ? "first issuer key" : "issuer key rotated";
  try {
    const log = createControlLog(pool, keyRing, "append_control");
    await log.append([{ kind: "setting", id: settingId, state: { keys }, by: {}, reason, expected }]);
  } catch (error) {
    // Another process of the same cell, with the same file, was first.
    if (!(error instanceof StaleSubject)) throw error;
  } finally {
    await pool.end();
  }
};
