import { filmAbout, filmUses } from "#protocol/film.ts";
import type { PublicJwk } from "#protocol/grants.ts";
import type { FilmKeys } from "#sharing/film/collector.ts";
import type { FilmHeader } from "#sharing/film/frame.ts";
import type { TagOf } from "#sharing/film/projector.ts";
import { utf8 } from "../bytes.ts";
import type { Sealed } from "../database.ts";
import { aes256, agreeOn, curve } from "../inbox.ts";
import { sealBytes, unsealBytes } from "../sealing.ts";

type Header = Omit<FilmHeader, "bodyBytes">;

/** One agreement between a tablet and a site: what is under it goes both ways, the film there and its receipt back. */
export interface FilmAgreement {
  /** The sender's point, which every frame of the film names. */
  point: Sealed;
  /** The film's own keys, of `record` or `receipt`. */
  keysOf(header: Header): Promise<FilmKeys & { seal(part: "body" | "summary", plain: Sealed): Promise<Sealed> }>;
  /** HMAC-SHA-256 of a text, for the code that is read out where no camera can. */
  codeOf(text: string): Promise<Uint8Array>;
}

const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };

const agreementOf = async (own: CryptoKey, other: CryptoKey, point: Sealed): Promise<FilmAgreement> => {
  const agreed = await agreeOn(own, other, point);
  const seals: KeyUsage[] = ["encrypt", "decrypt"];
  const signs: KeyUsage[] = ["sign"];
  const mac = async (key: CryptoKey, bytes: BufferSource) =>
    new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  return {
    point,
    async keysOf(header) {
      const isRecord = header.kind === "record";
      const [body, summary, frames] = await Promise.all([
        agreed(isRecord ? filmUses.body : filmUses.receiptBody, aes256, seals),
        agreed(filmUses.summary, aes256, seals),
        agreed(isRecord ? filmUses.frames : filmUses.receiptFrames, hmac, signs),
      ]);
      const { kind, filmId, deviceId, place } = header;
      const about = filmAbout({ kind, filmId, deviceId, ...place });
      const tagOf: TagOf = (told) => mac(frames, told);
      return {
        tagOf,
        open: (part, sealed) => unsealBytes(part === "body" ? body : summary, about, sealed),
        seal: (part, plain) => sealBytes(part === "body" ? body : summary, about, plain),
      };
    },
    codeOf: async (text) => mac(await agreed(filmUses.receiptCode, hmac, signs), utf8(text)),
  };
};

/** The tablet's side, with a key of its own for this film. */
export const agreeWithSite = async (site: PublicJwk): Promise<FilmAgreement> => {
  const publicKey = await crypto.subtle.importKey("jwk", site, curve, false, []);
  const sender = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", sender.publicKey));
  return agreementOf(sender.privateKey, publicKey, point);
};

/** The screen's side. Rejects where the point is none of the curve. */
export const agreeWithSender = async (siteKey: CryptoKey, point: Uint8Array): Promise<FilmAgreement> => {
  const own = point.slice();
  return agreementOf(siteKey, await crypto.subtle.importKey("raw", own, curve, false, []), own);
};

/** A site's private key as the base wrapped it. */
export const importSiteKey = (pkcs8: Sealed): Promise<CryptoKey> =>
  crypto.subtle.importKey("pkcs8", pkcs8, curve, false, ["deriveBits"]);
