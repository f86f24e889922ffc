import * as z from "zod/mini";

/**
 * Most entries of one device in one record: one a second for fourteen hours. What a false number can cost is bounded by it,
 * because a chain is held by place and its holes are looked for.
 */
export const chainEntriesMax = 50_000;

/** Lower-case UUID; the project mints version 7, and accepts any version from others. */
export const uuid = z.string().check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/));
/** SHA-256 as 64 lower-case hexadecimal digits. */
export const sha256Hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
/** An instant in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const instant = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
export const shortText = z.string().check(z.maxLength(200));
export const longText = z.string().check(z.maxLength(20_000));

/** Who wrote an entry, and how sure the device was of it. */
export const author = z.object({
  userId: z.string().check(z.minLength(1), z.maxLength(100)),
  name: shortText,
  role: shortText,
  /** How the person had signed in; `device` is a screen or gateway that speaks for itself. */
  signIn: z.string().check(z.maxLength(40)),
  /** Of somebody whom the tablet did not know (`signIn` is `vouched`): the user id of the crewmate who let them in. */
  vouchedBy: z.optional(z.string().check(z.maxLength(100))),
  /** `needed`: of somebody whose roles ask for it (a student). A crewmate signs afterwards what they write; nothing waits for that. */
  coSign: z.optional(z.string().check(z.maxLength(40))),
});
export type Author = z.infer<typeof author>;

/** What the device's clock said when the entry was made. It is shown, and decides nothing. */
export const recorded = z.object({
  clock: instant,
  timeZone: z.string().check(z.maxLength(60)),
  /** Server time minus device clock, ms, as last measured; null when never measured. */
  serverOffsetMs: z.nullable(z.int()),
  /** Age of that measurement, ms. */
  serverOffsetAgeMs: z.nullable(z.int()),
});

export const ref = z.object({
  rel: z.enum(["amends", "strikes", "about"]),
  id: uuid,
  reason: z.string().check(z.maxLength(2000)),
});
export type Ref = z.infer<typeof ref>;

export const blobRef = z.object({
  sha256: sha256Hex,
  bytes: z.int().check(z.nonnegative()),
  mime: z.string().check(z.maxLength(100)),
  preview: z.optional(z.string().check(z.maxLength(20_000))),
});
export type BlobRef = z.infer<typeof blobRef>;

/**
 * The envelope every entry has, whatever its kind. The body stays unread here: a kind that this version does not know
 * survives the round trip (design.md, "The entry").
 */
export const entry = z.object({
  id: uuid,
  recordId: uuid,
  deviceId: uuid,
  /** 1, 2, 3 … within (device, record), without gaps. */
  n: z.int().check(z.positive(), z.maximum(chainEntriesMax)),
  /** SHA-256 of the bytes of entry n − 1 of the same chain; null for n = 1. */
  prev: z.nullable(sha256Hex),
  kind: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,39}$/)),
  v: z.int().check(z.positive(), z.maximum(1000)),
  /** 128 random bits, hexadecimal: equal bodies have different hashes. */
  salt: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  occurredAt: instant,
  recorded,
  author,
  ref: z.optional(ref),
  body: z.record(z.string(), z.unknown()),
  blobs: z.optional(z.array(blobRef).check(z.maxLength(16))),
});
export type Entry = z.infer<typeof entry>;

/** Longest canonical text of one entry, UTF-8 bytes. What is larger belongs in a blob. */
export const entryBytesMax = 64_000;
