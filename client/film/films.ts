import * as z from "zod/mini";
import { instant, uuid } from "#domain/entry/entry.ts";
import type { EcgFile } from "#monitoring/ecg-file.ts";
import { certificate } from "#protocol/certificate.ts";
import { unpackEcgCopy } from "#sharing/film/ecg-copy.ts";
import type { Database, Sealed } from "../database.ts";
import type { StoredDevice } from "../enrolment.ts";
import { signerOf } from "../keys.ts";
import { sealBytes, sealText, unsealBytes, unsealText } from "../sealing.ts";
import { things } from "../things.ts";
import type { FilmMaker } from "./make-film.ts";
import type { KnownTrust } from "./read-film.ts";
import { readSiteKeys } from "./site-key-store.ts";

const receivedFilm = z.object({
  filmId: z.string(),
  recordId: uuid,
  /** Device clock when it was whole. */
  receivedAt: instant,
  /** As its maker says. */
  madeAt: instant,
  /** The sender's point, base64url: the receipt goes back by the same agreement. */
  point: z.string(),
  /** Tells which of the site's keys it went by. */
  keyCheck: z.string(),
  /** Entries whose author's signature only the base can check. */
  unproved: z.int(),
  /** Entries that the maker held and could not carry. */
  leftOut: z.int(),
  /** When somebody here accepted what it brought. */
  acceptedAt: z.optional(instant),
});
/** A film that came whole, as this screen remembers it. Nothing of the patient is in it: that is in the entries. */
export type ReceivedFilm = z.infer<typeof receivedFilm>;

/** Films that a screen remembers; the oldest go first. */
const filmsMax = 500;
const ecgName = (entryId: string): string => `film-ecg ${entryId}`;

/** What a device needs for films, and keeps of them, sealed under its data key. */
export interface Films {
  /** Undefined where this device has no certificate, and so no word of its trust to show. */
  maker(): FilmMaker | undefined;
  trust(): KnownTrust | undefined;
  /** A screen's; none on a tablet, and before the first contact after the screen was set up. */
  siteKeys(): Promise<CryptoKey[]>;
  /** Oldest first. */
  received(): Promise<ReceivedFilm[]>;
  /** Remembers a film, or what has become of it. */
  note(film: ReceivedFilm): Promise<void>;
  /** Keeps the copy of a recording until the exact one is here. */
  keepEcg(entryId: string, copy: Sealed): Promise<void>;
  ecgCopy(entryId: string): Promise<EcgFile | undefined>;
  /** The exact recording is here: nobody needs the copy any more. */
  dropEcg(entryId: string): Promise<void>;
}

export const createFilms = (database: Database, dataKey: CryptoKey, device: () => StoredDevice): Films => {
  const received = async (): Promise<ReceivedFilm[]> => {
    const sealed = await database.get<Sealed>(things.films);
    if (sealed === undefined) return [];
    return z.array(receivedFilm).parse(JSON.parse(await unsealText(dataKey, things.films, sealed)));
  };
  let last: Promise<void> = Promise.resolve();
  return {
    maker() {
      const { identity, enrolment } = device();
      if (enrolment.certificate === undefined) return undefined;
      return { signer: signerOf(identity), publicKey: identity.publicKey, certificate: enrolment.certificate };
    },
    trust() {
      const { certificate: signed, issuerKeys } = device().enrolment;
      const read = signed && certificate.safeParse(JSON.parse(signed.statement));
      return read?.success && issuerKeys ? { trust: read.data.trust, issuerKeys } : undefined;
    },
    siteKeys: () => readSiteKeys(database, dataKey),
    received,
    note(film) {
      // One after another: each writes the whole list.
      const noted = last.then(async () => {
        const others = (await received()).filter(({ filmId }) => filmId !== film.filmId);
        const list = [...others, film].slice(-filmsMax);
        await database.set(things.films, await sealText(dataKey, things.films, JSON.stringify(list)));
      });
      last = noted.catch(() => {});
      return noted;
    },
    async keepEcg(entryId, copy) {
      await database.set(ecgName(entryId), await sealBytes(dataKey, ecgName(entryId), copy));
    },
    async ecgCopy(entryId) {
      const sealed = await database.get<Sealed>(ecgName(entryId));
      return sealed && unpackEcgCopy(await unsealBytes(dataKey, ecgName(entryId), sealed));
    },
    async dropEcg(entryId) {
      await database.write(["things"], (rows) => rows.things.delete(ecgName(entryId)));
    },
  };
};
