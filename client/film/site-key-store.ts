import { siteKeyAbout, type WrappedSiteKeys } from "#protocol/film.ts";
import type { PublicJwk } from "#protocol/grants.ts";
import { fromBase64url } from "../bytes.ts";
import type { Database, Sealed } from "../database.ts";
import { readBoxKey } from "../enrolment.ts";
import { createBox, openBoxed } from "../inbox.ts";
import { sealBytes, unsealBytes } from "../sealing.ts";
import { things } from "../things.ts";
import { importSiteKey } from "./film-keys.ts";

interface Kept {
  tag: string;
  /** PKCS #8 under the screen's data key, newest first. */
  keys: Sealed[];
}

/** What a screen asks its base with: the key that the site's keys are to be sealed to, and the tag of those that it has. */
export const askForSiteKeys = async (
  database: Database,
  dataKey: CryptoKey,
): Promise<{ sealTo: PublicJwk; held?: string }> => {
  let sealTo = await database.get<PublicJwk>(things.box);
  if (sealTo === undefined) {
    const box = await createBox();
    const boxKey = await sealBytes(dataKey, things.boxKey, box.privateKey);
    await database.write(["things"], (rows) =>
      rows.things.bulkPut([
        { name: things.box, value: box.publicKey },
        { name: things.boxKey, value: boxKey },
      ]),
    );
    sealTo = box.publicKey;
  }
  const held = await database.get<Kept>(things.siteKeys);
  return { sealTo, ...(held && { held: held.tag }) };
};

/** Takes over what the base sealed to this screen. Rejects where it was sealed to another. */
export const takeSiteKeys = async (
  database: Database,
  dataKey: CryptoKey,
  { tag, sealed }: WrappedSiteKeys,
  screen: { trust: string; siteId: string; deviceId: string },
): Promise<void> => {
  const box = await readBoxKey(database, dataKey);
  if (box === undefined) return;
  const about = siteKeyAbout(screen.trust, screen.siteId, screen.deviceId);
  const keys = await Promise.all(
    sealed.map(async (one) => {
      const pkcs8 = fromBase64url(await openBoxed(box, about, fromBase64url(one)));
      return sealBytes(dataKey, things.siteKeys, pkcs8);
    }),
  );
  await database.set(things.siteKeys, { tag, keys } satisfies Kept);
};

/** A screen that its trust has ended opens no more films. */
export const dropSiteKeys = async (database: Database): Promise<void> => {
  await database.write(["things"], (rows) => rows.things.delete(things.siteKeys));
};

/** Not extractable, newest first; none on a screen that has not been given any. */
export const readSiteKeys = async (database: Database, dataKey: CryptoKey): Promise<CryptoKey[]> => {
  const held = await database.get<Kept>(things.siteKeys);
  return Promise.all(
    (held?.keys ?? []).map(async (key) => importSiteKey(await unsealBytes(dataKey, things.siteKeys, key))),
  );
};
