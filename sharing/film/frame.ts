import { filmLimits } from "./limits.ts";

/** `record`: a patient's record for a site. `receipt`: the site's answer to it. */
export const filmKinds = ["record", "receipt"] as const;
export type FilmKind = (typeof filmKinds)[number];

/** The department that a film is for, in one trust's cell. */
export interface FilmPlace {
  trust: string;
  siteId: string;
}

/** What every frame says of its film: a single one tells whose it is, for whom, and by which key it is sealed. */
export interface FilmHeader {
  kind: FilmKind;
  /** 12 random bytes, hexadecimal; a receipt has the id of the film that it answers. */
  filmId: string;
  /** Who shows it. */
  deviceId: string;
  place: FilmPlace;
  /** The sender's uncompressed point of P-256; empty in a receipt, which goes by the film's own agreement. */
  point: Uint8Array;
  /** Sealed bytes of the whole film. */
  bodyBytes: number;
}

export interface Frame extends FilmHeader {
  row: number | "summary";
  bytes: Uint8Array;
}

/** A frame as it came, before anybody knows whether it is true: `told` is what its tag is over. */
export interface ReadFrame {
  frame: Frame;
  told: Uint8Array;
  tag: Uint8Array;
}

/** HMAC-SHA-256, cut to this many bytes: a changed frame is told from a good one before it touches what was collected. */
export const tagBytes = 8;
const magic = [0x48, 0x46]; // H F
const version = 2;
const idBytes = 12;
const uuidBytes = 16;
const summaryRow = filmLimits.rowMax + 1;
const placeBytesMax = 82;
/** Of a header: all but the place and the point. */
const fixedBytes = magic.length + 2 + idBytes + uuidBytes + 1 + 1 + 3 + 2;
export const pointBytes = 65;

/** Bytes of one row of a film. A short film needs no fuller row than its body. */
export const rowBytesOf = ({ place, point, bodyBytes }: Pick<FilmHeader, "place" | "point" | "bodyBytes">): number => {
  const header = fixedBytes + place.trust.length + 1 + place.siteId.length + point.length;
  return Math.min(filmLimits.frameBytesMax - header - tagBytes, bodyBytes);
};

/** What the tag is made over. Throws a RangeError for a frame that no symbol holds. */
export const frameTold = (frame: Frame): Uint8Array<ArrayBuffer> => {
  const place = ascii(`${frame.place.trust}/${frame.place.siteId}`);
  const head = [
    ...magic,
    version,
    filmKinds.indexOf(frame.kind),
    ...fromHex(frame.filmId),
    ...fromHex(frame.deviceId.replaceAll("-", "")),
    place.length,
    ...place,
    frame.point.length,
    ...frame.point,
    ...bigEndian(frame.bodyBytes, 3),
    ...bigEndian(frame.row === "summary" ? summaryRow : frame.row, 2),
  ];
  const told = new Uint8Array(head.length + frame.bytes.length);
  told.set(head);
  told.set(frame.bytes, head.length);
  if (place.length > placeBytesMax || told.length + tagBytes > filmLimits.frameBytesMax)
    throw new RangeError("no symbol holds this frame");
  return told;
};

/** `newer`: of a version that this program does not read. `none`: no film's frame at all. */
export const readFrame = (bytes: Uint8Array): ReadFrame | "none" | "newer" => {
  if (bytes.length < 3 || bytes.length > filmLimits.frameBytesMax || magic.some((byte, i) => bytes[i] !== byte))
    return "none";
  if (bytes[2] !== version) return "newer";
  let at = 3;
  const take = (length: number): Uint8Array => {
    const part = bytes.subarray(at, at + length);
    at += length;
    return part;
  };
  const kind = filmKinds[take(1)[0] ?? -1];
  const filmId = hex(take(idBytes));
  const device = hex(take(uuidBytes));
  const [trust = "", siteId = ""] = String.fromCharCode(...take(take(1)[0] ?? 0)).split("/");
  const point = take(take(1)[0] ?? 0);
  const bodyBytes = number(take(3));
  const row = number(take(2));
  const end = bytes.length - tagBytes;
  if (kind === undefined || at >= end) return "none";
  if (point.length !== (kind === "record" ? pointBytes : 0)) return "none";
  return {
    frame: {
      kind,
      filmId,
      deviceId: device.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
      place: { trust, siteId },
      point,
      bodyBytes,
      row: row === summaryRow ? "summary" : row,
      bytes: bytes.subarray(at, end),
    },
    told: bytes.subarray(0, end),
    tag: bytes.subarray(end),
  };
};

const ascii = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0) & 0x7f);
const bigEndian = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => (value >>> (8 * (bytes - 1 - i))) & 0xff);
const number = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
const fromHex = (text: string): number[] =>
  Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
