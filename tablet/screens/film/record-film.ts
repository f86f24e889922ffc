import type { Client } from "#client/client.ts";
import { type MadeFilm, makeRecordFilm } from "#client/film/make-film.ts";
import { decodeEcg } from "#monitoring/ecg-file.ts";
import type { SiteKey } from "#protocol/film.ts";

/** Why there is no film, in plain words. Each has a way on: the receiver's name, or the printed page. */
export type NoFilm = { why: string };

/** The open record as a film for a site. Needs no network, now or before: only what the last contact with the base left here. */
export const filmOf = async (
  client: Client,
  recordId: string,
  siteId: string,
  siteKeys: readonly SiteKey[] | undefined,
): Promise<MadeFilm | NoFilm> => {
  const maker = client.films.maker();
  const trust = client.films.trust()?.trust;
  const siteKey = siteKeys?.find((key) => key.siteId === siteId)?.publicKey;
  if (maker === undefined || trust === undefined)
    return { why: "This tablet has no certificate yet: it gets one at its next contact with the base." };
  if (siteKey === undefined)
    return { why: "This tablet has no key of that hospital yet: it gets one at its next contact with the base." };
  try {
    return await makeRecordFilm({
      maker,
      place: { trust, siteId },
      siteKey,
      recordId,
      held: await client.replica.entries(recordId),
      madeAt: new Date().toISOString(),
      recording: async (sha256) => {
        const bytes = await client.blobs.held(recordId, sha256);
        return bytes && decodeEcg(bytes);
      },
    });
  } catch (failure) {
    if (failure instanceof RangeError) return { why: "This record is longer than a film can be." };
    return { why: "The film could not be made." };
  }
};
