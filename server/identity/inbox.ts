import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type PublicJwk, publicJwk } from "#protocol/grants.ts";
import { type ChainRun, inboxAbout } from "#protocol/push.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { secretFile } from "../secrets.ts";

/** What locked tablets seal to, since they cannot read what they send. */
export interface Inbox {
  /** What new enrolments are given. */
  readonly publicKey: PublicJwk;
  /** The run with its entries as texts; undefined when one of them does not open with any key of this trust. */
  openRun(run: ChainRun): ChainRun | undefined;
}

/** Before the ciphertext: the sender's uncompressed point, and the nonce. */
const pointBytes = 65;
const nonceBytes = 12;
const tagBytes = 16;
const use = "holdfast-inbox-v1";

/**
 * The trust's inbox key: P-256, its private half sealed in HOLDFAST_DATA/keys beside the issuer's. To rotate it, rename the file
 * to `<trust>.inbox.<date>` and start again: what tablets sealed to the earlier ones still opens.
 */
export const openInbox = (dataDirectory: string, trust: string, keyRing: KeyRing): Inbox => {
  const folder = join(dataDirectory, "keys");
  const name = `${trust}.inbox`;
  const about = `inbox ${trust}`;
  const unsealed = (text: string): KeyObject =>
    createPrivateKey(keyRing.open("inbox", Buffer.from(text.trim(), "base64url"), about));
  const makePem = (): string =>
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const newest = unsealed(
    secretFile(join(folder, name), () => keyRing.seal("inbox", makePem(), about).toString("base64url")),
  );
  const earlier = readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.`) && /^\d[\d-]*$/.test(file.slice(name.length + 1)))
    .map((file) => unsealed(readFileSync(join(folder, file), "utf8")));
  const keys = [newest, ...earlier];

  return {
    publicKey: publicJwk.parse(createPublicKey(newest).export({ format: "jwk" })),
    openRun: ({ sealed: _sealed, ...run }) => {
      const additional = Buffer.from(inboxAbout(run.deviceId, run.recordId));
      const openers = new Map<string, (body: Buffer) => string>();
      const texts = run.entries.map((entry) => {
        const bytes = Buffer.from(entry, "base64url");
        const point = bytes.subarray(0, pointBytes);
        const body = bytes.subarray(pointBytes);
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
    const key = Buffer.from(hkdfSync("sha256", secret, point, use, 32));
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
