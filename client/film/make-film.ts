import { fold } from "#domain/record.ts";
import { type EcgFile, ecgMime } from "#monitoring/ecg-file.ts";
import type { ReceiptFilm, RecordFilm } from "#protocol/film.ts";
import type { PublicJwk, SignedStatement } from "#protocol/grants.ts";
import { packEcgCopy } from "#sharing/film/ecg-copy.ts";
import type { FilmKind, FilmPlace } from "#sharing/film/frame.ts";
import { filmLimits } from "#sharing/film/limits.ts";
import { createProjector, type Projector } from "#sharing/film/projector.ts";
import { type FilmSummary, filmSummaryOf, summaryCharacters } from "#sharing/film/summary.ts";
import { readEntry } from "#sync/envelope.ts";
import type { DeviceSigner } from "#sync/ports.ts";
import type { HeldEntry } from "#sync/store.ts";
import { sha256Hex, utf8 } from "../bytes.ts";
import type { Sealed } from "../database.ts";
import { browserRandom } from "../ports.ts";
import { packChains } from "./chains.ts";
import { deflate } from "./deflate.ts";
import { packBody, signBody } from "./film-body.ts";
import { agreeWithSite, type FilmAgreement } from "./film-keys.ts";

/** Who makes a film, and how a receiver may know that. */
export interface FilmMaker {
  signer: DeviceSigner;
  publicKey: PublicJwk;
  certificate: SignedStatement;
}

export interface RecordFilmParts {
  maker: FilmMaker;
  place: FilmPlace;
  siteKey: PublicJwk;
  recordId: string;
  held: readonly HeldEntry[];
  madeAt: string;
  /** A recording by the hash of its blob, where this device has it. */
  recording?(sha256: string): Promise<EcgFile | undefined>;
}

/** A film that is being shown, and what reads its answer. */
export interface MadeFilm {
  filmId: string;
  place: FilmPlace;
  projector: Projector;
  agreement: FilmAgreement;
  summary: FilmSummary;
  /** Whether it carries a copy of the newest recording. */
  hasEcg: boolean;
  /** Recordings of the record that are not in the film. */
  ecgsLeftOut: number;
  /** Entries that could not be carried. */
  leftOut: number;
}

/** A record as a film for one site. Rejects with a RangeError where it is more than a film holds. */
export const makeRecordFilm = async (parts: RecordFilmParts): Promise<MadeFilm> => {
  const { maker, place, siteKey, recordId, held, madeAt } = parts;
  const agreement = await agreeWithSite(siteKey);
  const filmId = browserRandom.hex(12);
  const { signer, publicKey, certificate } = maker;
  const { chains, leftOut } = await packChains(held, signer);
  const record = fold(held.flatMap(({ text }) => readEntry(text).entry ?? []));
  const ecg = await newestEcg(record, parts.recording);
  const says: RecordFilm = {
    type: "record",
    recordId,
    siteId: place.siteId,
    madeAt,
    maker: { publicKey, certificate },
    chains,
    leftOut,
    ...(ecg && { ecg: { entryId: ecg.entryId, copySha256: await sha256Hex(ecg.copy) } }),
  };
  const text = JSON.stringify(says);
  const signature = await signBody(signer, filmId, text);
  const header = { kind: "record" as const, filmId, deviceId: signer.deviceId, place, point: agreement.point };
  const keys = await agreement.keysOf(header);
  const whole = await packBody({ text, signature, ...(ecg && { ecgCopy: ecg.copy }) });
  // A recording is the first to stay behind: it follows by the normal lane, and the words must not wait for it.
  const isTooLong = ecg !== undefined && whole.length > filmLimits.bodyBytesMax - 100;
  if (isTooLong) return makeRecordFilm({ ...parts, recording: async () => undefined });
  const summary = await fittingSummary(record, madeAt);
  const body = await keys.seal("body", whole);
  const projector = createProjector({
    header,
    summary: await keys.seal("summary", summary.packed),
    body,
    tagOf: keys.tagOf,
  });
  return {
    filmId,
    place,
    projector,
    agreement,
    summary: summary.says,
    hasEcg: ecg !== undefined,
    ecgsLeftOut: record.ecgs.length - (ecg === undefined ? 0 : 1),
    leftOut,
  };
};

const sealingBytes = 28;
const fittingSummary = async (
  record: Parameters<typeof filmSummaryOf>[0],
  madeAt: string,
): Promise<{ says: FilmSummary; packed: Sealed }> => {
  for (const characters of summaryCharacters) {
    const says = filmSummaryOf(record, madeAt, characters);
    const packed = await deflate(utf8(JSON.stringify(says)));
    if (packed.length + sealingBytes <= filmLimits.summaryBytesMax) return { says, packed };
  }
  throw new RangeError("no symbol holds this summary");
};

const newestEcg = async (
  { ecgs }: ReturnType<typeof fold>,
  recording: RecordFilmParts["recording"],
): Promise<{ entryId: string; copy: Sealed } | undefined> => {
  const newest = ecgs.at(-1)?.entry;
  const blob = newest?.blobs?.[0];
  if (newest === undefined || blob?.mime !== ecgMime) return undefined;
  try {
    const file = await recording?.(blob.sha256);
    return file && { entryId: newest.id, copy: packEcgCopy(file) };
  } catch {
    // A file that cannot be read now, or is damaged, stays behind: the words go without it, and the film says that it is left out.
    return undefined;
  }
};

/** A screen's answer to a film, for the tablet that shows it: the screen's own chain of that record. */
export const makeReceiptFilm = async (parts: {
  maker: FilmMaker;
  place: FilmPlace;
  agreement: FilmAgreement;
  filmId: string;
  recordId: string;
  held: readonly HeldEntry[];
  madeAt: string;
}): Promise<Projector> => {
  const { maker, place, agreement, filmId, recordId, held, madeAt } = parts;
  const { signer, publicKey, certificate } = maker;
  const { chains } = await packChains(
    held.filter(({ deviceId }) => deviceId === signer.deviceId),
    signer,
  );
  const [chain] = chains;
  if (chain === undefined) throw new RangeError("this screen has written nothing of the record");
  const says: ReceiptFilm = {
    type: "receipt",
    recordId,
    siteId: place.siteId,
    madeAt,
    maker: { publicKey, certificate },
    chain,
  };
  const text = JSON.stringify(says);
  const signature = await signBody(signer, filmId, text);
  const kind: FilmKind = "receipt";
  const header = { kind, filmId, deviceId: signer.deviceId, place, point: new Uint8Array() };
  const keys = await agreement.keysOf(header);
  const body = await keys.seal("body", await packBody({ text, signature }));
  return createProjector({ header, body, tagOf: keys.tagOf });
};
