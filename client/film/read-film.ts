import type * as z from "zod/mini";
import type { EcgFile } from "#monitoring/ecg-file.ts";
import { type CertificateFault, checkCertificate } from "#protocol/certificate.ts";
import {
  type filmMaker,
  filmStatement,
  type ReceiptFilm,
  type RecordFilm,
  receiptFilm,
  recordFilm,
} from "#protocol/film.ts";
import type { PublicJwk } from "#protocol/grants.ts";
import { thumbprintText } from "#protocol/proof.ts";
import { headStatement } from "#protocol/push.ts";
import { unpackEcgCopy } from "#sharing/film/ecg-copy.ts";
import type { FilmHeader } from "#sharing/film/frame.ts";
import { type FilmSummary, filmSummary } from "#sharing/film/summary.ts";
import type { CarriedEntry } from "#sync/replica.ts";
import { fromUtf8, sha256Base64url, sha256Hex } from "../bytes.ts";
import type { Sealed } from "../database.ts";
import { isSigned } from "../grants.ts";
import { hashText } from "../ports.ts";
import { unpackChain } from "./chains.ts";
import { inflate } from "./deflate.ts";
import { unpackBody } from "./film-body.ts";

/**
 * Why a film that opened is not taken, though it came whole. `unreadable`: of a version that this program does not read, or none;
 * `not-signed`: its maker's signature is not over it; `unknown-maker`: its maker is no device of the trust that this one knows;
 * `broken-chain`: entries in it do not follow each other, or are not signed as it says.
 */
export type FilmFault = "unreadable" | "not-signed" | "unknown-maker" | "broken-chain";

/** What a device knows of its trust, with no base to ask. */
export interface KnownTrust {
  trust: string;
  issuerKeys: readonly PublicJwk[];
}

export interface ReadRecordFilm {
  says: RecordFilm;
  entries: CarriedEntry[];
  /** Devices whose own signature only the base can check: this one does not know their keys. */
  unproved: string[];
  ecg?: { entryId: string; copy: Sealed; file: EcgFile };
}

/** A summary's symbol. Undefined for one of a version that this program does not read. */
export const readSummary = async (opened: Sealed): Promise<FilmSummary | undefined> => {
  try {
    return filmSummary.safeParse(JSON.parse(fromUtf8(await inflate(opened)))).data;
  } catch {
    return undefined;
  }
};

/** Reads a film that came whole, and proves what can be proved here. */
export const readRecordFilm = async (
  film: FilmHeader,
  opened: Sealed,
  known: KnownTrust,
): Promise<ReadRecordFilm | { fault: FilmFault }> => {
  const read = await readBody(recordFilm, film, opened);
  if ("fault" in read) return read;
  const { says, ecgCopy } = read;
  if (says.siteId !== film.place.siteId) return { fault: "unreadable" };
  if (!(await isMadeBy(says.maker, film, "crew", known))) return { fault: "unknown-maker" };
  const entries: CarriedEntry[] = [];
  const unproved: string[] = [];
  for (const chain of says.chains) {
    const carried = await unpackChain(says.recordId, chain);
    if (carried === undefined) return { fault: "broken-chain" };
    if (chain.deviceId !== film.deviceId) unproved.push(chain.deviceId);
    else if (!(await areHeadsSigned(says.recordId, carried, says.maker.publicKey))) return { fault: "broken-chain" };
    entries.push(...carried);
  }
  const file = ecgCopy && unpackEcgCopy(ecgCopy);
  const isEcgWhole = says.ecg && ecgCopy && file && (await sha256Hex(ecgCopy)) === says.ecg.copySha256;
  return {
    says,
    entries,
    unproved,
    ...(isEcgWhole && { ecg: { entryId: says.ecg!.entryId, copy: ecgCopy, file } }),
  };
};

/** Reads a screen's answer: its own chain, signed by a screen of the site that the film was for. */
export const readReceiptFilm = async (
  film: FilmHeader,
  opened: Sealed,
  known: KnownTrust,
): Promise<{ says: ReceiptFilm; entries: CarriedEntry[] } | { fault: FilmFault }> => {
  const read = await readBody(receiptFilm, film, opened);
  if ("fault" in read) return read;
  const { says } = read;
  if (says.siteId !== film.place.siteId || says.chain.deviceId !== film.deviceId) return { fault: "unreadable" };
  if (!(await isMadeBy(says.maker, film, "care", known))) return { fault: "unknown-maker" };
  const entries = await unpackChain(says.recordId, says.chain);
  if (entries === undefined || !(await areHeadsSigned(says.recordId, entries, says.maker.publicKey)))
    return { fault: "broken-chain" };
  return { says, entries };
};

const readBody = async <T extends RecordFilm | ReceiptFilm>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  film: FilmHeader,
  opened: Sealed,
): Promise<{ says: T; ecgCopy?: Sealed } | { fault: FilmFault }> => {
  const body = await unpackBody(opened).catch(() => undefined);
  if (body === undefined) return { fault: "unreadable" };
  const { text, signature, ecgCopy } = body;
  const read = schema.safeParse(parsed(text));
  if (!read.success) return { fault: "unreadable" };
  const { filmId, deviceId } = film;
  const statement = filmStatement({ filmId, deviceId, hash: await hashText(text) });
  if (!(await isSigned(read.data.maker.publicKey, statement, signature))) return { fault: "not-signed" };
  return { says: read.data, ...(ecgCopy && { ecgCopy }) };
};

/** A device that reads no more still brings its patients: only whose it is counts, as for a push. */
const isMadeBy = async (
  { publicKey, certificate }: z.infer<typeof filmMaker>,
  { deviceId, place }: FilmHeader,
  zone: "crew" | "care",
  { trust, issuerKeys }: KnownTrust,
): Promise<boolean> => {
  const keyThumbprint = await sha256Base64url(thumbprintText(publicKey));
  const holder = { trust, deviceId, keyThumbprint, nowMs: 0 };
  const checked: { says: { zone: string; siteId?: string | undefined } } | { fault: CertificateFault } =
    await checkCertificate(certificate, holder, issuerKeys, isSigned);
  if (!("says" in checked) || checked.says.zone !== zone) return false;
  return zone === "crew" || checked.says.siteId === place.siteId;
};

const areHeadsSigned = async (recordId: string, carried: readonly CarriedEntry[], key: PublicJwk): Promise<boolean> => {
  for (const { deviceId, n, hash, signature } of carried)
    if (signature !== undefined && !(await isSigned(key, headStatement({ deviceId, recordId, n, hash }), signature)))
      return false;
  return true;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
