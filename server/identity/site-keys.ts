import {
  createCipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { type SiteKey, siteKeyAbout, type WrappedSiteKeys } from "#protocol/film.ts";
import type { PublicJwk } from "#protocol/grants.ts";
import { inboxUse } from "#protocol/push.ts";
import type { ControlLog } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { formerKeyFiles, isSameKey, publicOf, sealedPrivateKey } from "../sealing/sealed-private-key.ts";
import { keyFiles } from "../sealing/trust-key.ts";
import { publishAsOwner } from "./publish-as-owner.ts";
import { siteKeySubject } from "./subjects.ts";

/** What films for the trust's sites are sealed to, and opened with. */
export interface SiteKeys {
  /** The newest of each site: what tablets are given. */
  readonly publicKeys: readonly SiteKey[];
  /**
   * The site's private keys, newest first, for one of its screens and sealed to the key that it named; undefined while it holds
   * them, and for a site that has none.
   */
  wrappedFor(screen: ScreenAsking): WrappedSiteKeys | undefined;
}

export interface ScreenAsking {
  siteId: string;
  deviceId: string;
  sealTo: PublicJwk;
  /** The tag of what it holds. */
  held?: string | undefined;
}

export interface SiteKeysParts {
  dataDirectory: string;
  trust: string;
  keyRing: KeyRing;
  log: ControlLog;
  /** Of the cell's database, in a process that prepares it. */
  ownerUrl: string | undefined;
}

/** A tablet that has not been in touch since a rotation seals to a former one. */
const formerMax = 3;

/**
 * One key pair a site: the private half sealed in HOLDFAST_DATA/keys, beside those that it had before, the public half in the
 * control log. Where a file is missing, a new pair is made.
 */
export const openSiteKeys = async (parts: SiteKeysParts): Promise<SiteKeys> => {
  const { dataDirectory, trust, keyRing, log, ownerUrl } = parts;
  const sites = await log.all("site");
  const bySite = new Map(
    sites.map(({ id }) => {
      const path = keyFiles(dataDirectory, trust).site(id);
      const files = [path, ...formerKeyFiles(path).slice(0, formerMax)];
      return [id, files.map((file) => sealedPrivateKey(file, "site", trust, keyRing))];
    }),
  );
  if (ownerUrl !== undefined) await publish(ownerUrl, keyRing, log, bySite);
  return {
    publicKeys: [...bySite].map(([siteId, [newest]]) => ({ siteId, publicKey: publicOf(newest!) })),
    wrappedFor: ({ siteId, deviceId, sealTo, held }) => {
      const keys = bySite.get(siteId);
      if (keys === undefined) return undefined;
      const tag = hash("sha256", [...keys.map(publicOf), sealTo].map(({ x }) => x).join("."), "hex").slice(0, 32);
      if (held === tag) return undefined;
      const about = siteKeyAbout(trust, siteId, deviceId);
      return { tag, sealed: keys.map((key) => sealedTo(sealTo, about, pkcs8Text(key))) };
    },
  };
};

const pkcs8Text = (key: KeyObject): string => key.export({ type: "pkcs8", format: "der" }).toString("base64url");

/** As client/inbox.ts seals: a sender's key of its own, ECDH, HKDF, AES-256-GCM. Base64url. */
const sealedTo = (jwk: PublicJwk, about: string, text: string): string => {
  const sender = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = sender.publicKey.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")]);
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  const secret = diffieHellman({ privateKey: sender.privateKey, publicKey });
  const key = Buffer.from(hkdfSync("sha256", secret, point, inboxUse, 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(about));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([point, nonce, body, cipher.getAuthTag()]).toString("base64url");
};

/** Puts each site's newest key before those that the log knows. */
const publish = async (
  ownerUrl: string,
  keyRing: KeyRing,
  log: ControlLog,
  bySite: ReadonlyMap<string, readonly KeyObject[]>,
): Promise<void> => {
  const known = new Map((await log.all("site-key")).map((subject) => [subject.id, subject]));
  const changes = [...bySite].flatMap(([id, [newest]]) => {
    const held = known.get(id);
    const before = held === undefined ? [] : siteKeySubject.parse(held.state).keys;
    const key = publicOf(newest!);
    if (before[0] !== undefined && isSameKey(before[0], key)) return [];
    const keys = [key, ...before].slice(0, formerMax + 1);
    const reason = held === undefined ? "first site key" : "site key rotated";
    return [{ kind: "site-key" as const, id, state: { keys }, by: {}, reason, expected: held?.position ?? 0 }];
  });
  if (changes.length > 0) await publishAsOwner(ownerUrl, keyRing, changes);
};
