import { createDecipheriv, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from "node:crypto";
import type { PublicJwk } from "#protocol/grants.ts";
import { type ChainRun, inboxAbout, inboxPointBytes, inboxUse } from "#protocol/push.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { formerKeyFiles, publicOf, sealedPrivateKey } from "../sealing/sealed-private-key.ts";
import { keyFiles } from "../sealing/trust-key.ts";

/** What locked tablets seal to, since they cannot read what they send. */
export interface Inbox {
  /** What new enrolments are given. */
  readonly publicKey: PublicJwk;
  /** The run with its entries as texts; undefined when one of them does not open with any key of this trust. */
  openRun(run: ChainRun): ChainRun | undefined;
}

const nonceBytes = 12;
const tagBytes = 16;

/**
 * The trust's inbox key: P-256, its private half sealed in HOLDFAST_DATA/keys beside the issuer's. What tablets sealed to former
 * ones, `<trust>.inbox.<when>`, still opens.
 */
export const openInbox = (dataDirectory: string, trust: string, keyRing: KeyRing): Inbox => {
  const path = keyFiles(dataDirectory, trust).inbox;
  const open = (file: string): KeyObject => sealedPrivateKey(file, "inbox", trust, keyRing);
  const newest = open(path);
  const keys = [newest, ...formerKeyFiles(path).map(open)];

  return {
    publicKey: publicOf(newest),
    openRun: ({ sealed: _sealed, ...run }) => {
      const additional = Buffer.from(inboxAbout(run.deviceId, run.recordId));
      const openers = new Map<string, (body: Buffer) => string>();
      const texts = run.entries.map((entry) => {
        const bytes = Buffer.from(entry, "base64url");
        const point = bytes.subarray(0, inboxPointBytes);
        const body = bytes.subarray(inboxPointBytes);
        // A sender uses one key for all that it seals in one go.
        const known = openers.get(point.toString("hex"));
        if (known) return tried(known, body);
        for (const key of keys) {
          const opener = openerFor(key, point, additional);
          const text = opener && tried(opener, body);
          if (text === undefined) continue;
          openers.set(point.toString("hex"), opener!);
          return text;
        }
        return undefined;
      });
      return texts.every((text) => text !== undefined) ? { ...run, entries: texts } : undefined;
    },
  };
};

const tried = (opener: (body: Buffer) => string, body: Buffer): string | undefined => {
  try {
    return opener(body);
  } catch {
    return undefined;
  }
};

/** Undefined for what is no point of the curve. */
const openerFor = (
  privateKey: KeyObject,
  point: Buffer,
  additional: Buffer,
): ((body: Buffer) => string) | undefined => {
  try {
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
    const publicKey = createPublicKey({ key: { kty: "EC", crv: "P-256", x: x!, y: y! }, format: "jwk" });
    const secret = diffieHellman({ privateKey, publicKey });
    const key = Buffer.from(hkdfSync("sha256", secret, point, inboxUse, 32));
    return (body) => {
      const decipher = createDecipheriv("aes-256-gcm", key, body.subarray(0, nonceBytes));
      decipher.setAAD(additional);
      decipher.setAuthTag(body.subarray(-tagBytes));
      const plain = decipher.update(body.subarray(nonceBytes, -tagBytes));
      decipher.final();
      return plain.toString();
    };
  } catch {
    return undefined;
  }
};
