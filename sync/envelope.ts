import { chainEntriesMax, type Entry, entryBytesMax } from "#domain/entry/entry.ts";
import { limits } from "#protocol/limits.ts";
import { utf8Length } from "./chain.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const sha256 = /^[0-9a-f]{64}$/;
const salt = /^[0-9a-f]{32}$/;
const kind = /^[a-z][a-z0-9-]{0,39}$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export interface ReadEntry {
  /** Undefined if the text is not an entry that this version can place. */
  entry: Entry | undefined;
  code: "unreadable" | "too-large" | undefined;
  /** What the text names as its predecessor, read even where the rest is unreadable. Undefined: names nothing. */
  prev: string | null | undefined;
}

/**
 * Reads an entry's text. Accepts exactly what the schema `entry` of domain/entry accepts (envelope.test.ts holds the two
 * together), several times faster: every entry of every device goes through here.
 */
export const readEntry = (text: string): ReadEntry => {
  const tooLarge = text.length > entryBytesMax || (text.length * 3 > entryBytesMax && utf8Length(text) > entryBytesMax);
  if (tooLarge) return { entry: undefined, code: "too-large", prev: undefined };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { entry: undefined, code: "unreadable", prev: undefined };
  }
  if (isEntry(value) && depthWithin(text, value, limits.jsonDepthMax)) {
    return { entry: value, code: undefined, prev: value.prev };
  }
  const prev = isObject(value) ? value.prev : undefined;
  return { entry: undefined, code: "unreadable", prev: isText(prev, 64) || prev === null ? prev : undefined };
};

export const isEntry = (e: unknown): e is Entry =>
  isObject(e) &&
  matches(e.id, uuid) &&
  matches(e.recordId, uuid) &&
  matches(e.deviceId, uuid) &&
  isCount(e.n, chainEntriesMax) &&
  (e.prev === null || matches(e.prev, sha256)) &&
  matches(e.kind, kind) &&
  isCount(e.v, 1000) &&
  matches(e.salt, salt) &&
  matches(e.occurredAt, instant) &&
  isRecorded(e.recorded) &&
  isAuthor(e.author) &&
  (e.ref === undefined || isRef(e.ref)) &&
  isObject(e.body) &&
  (e.blobs === undefined || (Array.isArray(e.blobs) && e.blobs.length <= 16 && e.blobs.every(isBlobRef)));

const isRecorded = (r: unknown): boolean =>
  isObject(r) &&
  matches(r.clock, instant) &&
  isText(r.timeZone, 60) &&
  (r.serverOffsetMs === null || Number.isSafeInteger(r.serverOffsetMs)) &&
  (r.serverOffsetAgeMs === null || Number.isSafeInteger(r.serverOffsetAgeMs));

const isAuthor = (a: unknown): boolean =>
  isObject(a) &&
  isText(a.userId, 100) &&
  a.userId.length > 0 &&
  isText(a.name, 200) &&
  isText(a.role, 200) &&
  isText(a.signIn, 40) &&
  (a.vouchedBy === undefined || isText(a.vouchedBy, 100)) &&
  (a.coSign === undefined || isText(a.coSign, 40));

const isRef = (r: unknown): boolean =>
  isObject(r) &&
  (r.rel === "amends" || r.rel === "strikes" || r.rel === "about") &&
  matches(r.id, uuid) &&
  isText(r.reason, 2000);

const isBlobRef = (b: unknown): boolean =>
  isObject(b) &&
  matches(b.sha256, sha256) &&
  Number.isSafeInteger(b.bytes) &&
  (b.bytes as number) >= 0 &&
  isText(b.mime, 100) &&
  (b.preview === undefined || isText(b.preview, 20_000));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const matches = (value: unknown, pattern: RegExp): boolean => typeof value === "string" && pattern.test(value);
const isText = (value: unknown, lengthMax: number): value is string =>
  typeof value === "string" && value.length <= lengthMax;
const isCount = (value: unknown, max: number): boolean =>
  Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= max;

/**
 * Whether the value nests at most that deep. Brackets are counted in its JSON text, which costs a twentieth of a walk over
 * the objects; a text that a key's repetition makes deeper than its value is walked after all.
 */
const depthWithin = (text: string, value: unknown, depthMax: number): boolean => {
  if (opensAtMost(text, depthMax)) return true;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) at = endOfString(text, at);
    else if (char === openBrace || char === openBracket) {
      if (++depth > depthMax) return isWithin(value, depthMax);
    } else if (char === closeBrace || char === closeBracket) depth--;
  }
  return true;
};

/** Whether so few brackets open, in strings or outside, that nothing can nest deeper: true of nearly every entry. */
const opensAtMost = (text: string, max: number): boolean => {
  let count = 0;
  for (const bracket of "{[")
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) if (++count > max) return false;
  return true;
};

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [34, 92, 91, 93, 123, 125];

/** Place of the quote that closes the string which begins at `start`; the text is valid JSON. */
const endOfString = (text: string, start: number): number => {
  let at = text.indexOf('"', start + 1);
  while (text.charCodeAt(at - 1) === backslash && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
};

/** An odd number of backslashes before a quote escapes it. */
const isEscaped = (text: string, at: number): boolean => {
  let before = at;
  while (text.charCodeAt(before - 1) === backslash) before--;
  return (at - before) % 2 === 1;
};

const isWithin = (value: unknown, depth: number): boolean => {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  return Object.values(value).every((each) => isWithin(each, depth - 1));
};
