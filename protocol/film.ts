import * as z from "zod/mini";
import { instant, sha256Hex, uuid } from "#domain/entry/entry.ts";
import { publicJwk, signedStatement } from "./grants.ts";
import { place } from "./push.ts";

const siteId = z.string().check(z.regex(/^[a-z0-9-]{1,40}$/));

/** The public half of a site's key: tablets seal films to it. */
export const siteKey = z.object({ siteId, publicKey: publicJwk });
export type SiteKey = z.infer<typeof siteKey>;

/**
 * A site's private keys for one of its screens, newest first: each PKCS #8, sealed to the key that the screen named in its
 * heartbeat as an entry is sealed to the inbox, about `siteKeyAbout`. Base64url.
 */
export const wrappedSiteKeys = z.object({
  tag: z.string().check(z.maxLength(100)),
  sealed: z.array(z.string().check(z.maxLength(1000))).check(z.maxLength(4)),
});
export type WrappedSiteKeys = z.infer<typeof wrappedSiteKeys>;
export const siteKeyAbout = (trust: string, site: string, deviceId: string): string =>
  `holdfast-site-key-v1\n${trust}\n${site}\n${deviceId}\n`;

/**
 * A chain as a film carries it: its entries without holes (sharing/film/entries.ts), and heads that its author signed. The last is
 * the chain's end; those before it let a long chain be pushed in pieces.
 */
export const filmChain = z.object({
  deviceId: uuid,
  entries: z.array(z.string()).check(z.minLength(1), z.maxLength(5_000)),
  heads: z
    .array(z.object({ n: place, signature: z.string().check(z.maxLength(200)) }))
    .check(z.minLength(1), z.maxLength(100)),
});
export type FilmChain = z.infer<typeof filmChain>;

/** The key of whoever made the film, and the trust's word that it is one of its devices. */
export const filmMaker = z.object({ publicKey: publicJwk, certificate: signedStatement });

/** What a tablet's film says, signed as a whole by the tablet (`filmStatement`). */
export const recordFilm = z.object({
  type: z.literal("record"),
  recordId: uuid,
  siteId,
  madeAt: instant,
  maker: filmMaker,
  chains: z.array(filmChain).check(z.minLength(1), z.maxLength(50)),
  /** Entries that this tablet holds and cannot carry: no head that their author signed covers them. They follow. */
  leftOut: z.int().check(z.nonnegative()),
  /** The entry whose recording comes with the film, as a copy. */
  ecg: z.optional(z.object({ entryId: uuid, copySha256: sha256Hex })),
});
export type RecordFilm = z.infer<typeof recordFilm>;

/** What a screen's film answers: its own chain of that record, in which the acceptance stands. */
export const receiptFilm = z.object({
  type: z.literal("receipt"),
  recordId: uuid,
  siteId,
  madeAt: instant,
  maker: filmMaker,
  chain: filmChain,
});
export type ReceiptFilm = z.infer<typeof receiptFilm>;

/** What a film's maker signs; `hash` is the SHA-256 of what the film says, UTF-8. */
export const filmStatement = (film: { filmId: string; deviceId: string; hash: string }): string =>
  `holdfast-film-v1\n${film.filmId}\n${film.deviceId}\n${film.hash}\n`;

/**
 * How a film is sealed: ECDH of the sender's point with the site's key, then HKDF-SHA-256 with that point as salt and one of these
 * as info, each for one use. The receipt goes back by the same agreement.
 */
export const filmUses = {
  body: "holdfast-film-body-v1",
  summary: "holdfast-film-summary-v1",
  frames: "holdfast-film-frames-v1",
  receiptBody: "holdfast-film-receipt-body-v1",
  receiptFrames: "holdfast-film-receipt-frames-v1",
  receiptCode: "holdfast-film-receipt-code-v1",
} as const;

/** What a film's body and summary are bound to as additional data. */
export const filmAbout = (film: {
  kind: string;
  filmId: string;
  trust: string;
  siteId: string;
  deviceId: string;
}): string => `holdfast-film-v1\n${film.kind}\n${film.filmId}\n${film.trust}\n${film.siteId}\n${film.deviceId}\n`;
