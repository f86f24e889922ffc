import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import canonicalize from "canonicalize";
import * as z from "zod/mini";
import type { LogName } from "#defence/log/line.ts";
import { hex256 } from "../archive/sealed-file.ts";

/** Where a log of the epoch before ends for good: what comes after that line, in the archive or anywhere else, is of no epoch. */
const adopted = z.object({
  /** 0 for an empty log. */
  position: z.int().check(z.nonnegative()),
  /** Of the tree over the lines up to there. */
  root: hex256,
  /** SHA-256 of the archive's file with that line; empty for an empty log. */
  segment: z.union([hex256, z.literal("")]),
});

/** How an epoch begins: which server gives places from now on, and after which line of each log. */
const opening = z.object({
  format: z.literal("holdfast epoch 1"),
  trust: z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)),
  epoch: z.int().check(z.minimum(2)),
  /** The new base's, Ed25519, base64url: the only one whose segments and heads count in this epoch. */
  logKey: z.string().check(z.regex(/^[\w-]{43}$/)),
  /** SHA-256 of the secret that the new base appends to the letterbox with. */
  appendHash: hex256,
  adopted: z.object({ care: adopted, access: adopted, control: adopted }),
  made: z.iso.datetime(),
});
export type Opening = z.infer<typeof opening>;

/** An opening as officers signed it: canonical JSON, and who signed. Kept in the archive and as the epoch's first control line. */
export const signedOpening = z.object({
  statement: z.string().check(z.maxLength(4_000)),
  signatures: z
    .array(z.object({ officer: z.string().check(z.maxLength(100)), signature: z.string().check(z.maxLength(200)) }))
    .check(z.maxLength(20)),
});
export type SignedOpening = z.infer<typeof signedOpening>;

/** An epoch begins by the word of so many of a trust's officers. */
export const officersNeeded = 2;

export class BadOpening extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BadOpening";
  }
}

/** Nobody has signed it yet. */
export const newOpening = (about: Omit<Opening, "format">): SignedOpening => ({
  statement: canonicalize({ format: "holdfast epoch 1", ...about })!,
  signatures: [],
});

/** As the list of a trust's officers has them: 32 bytes, base64url. */
export const officerText = (key: KeyObject): string =>
  String((key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" }).x);

const signedText = (statement: string): Buffer => Buffer.from(`holdfast-epoch-v1\n${statement}`);

/** With one more officer's signature; `key` is the officer's private key, Ed25519. */
export const withSignature = ({ statement, signatures }: SignedOpening, key: KeyObject): SignedOpening => {
  const officer = officerText(key);
  const signature = sign(null, signedText(statement), key).toString("base64url");
  return { statement, signatures: [...signatures.filter((each) => each.officer !== officer), { officer, signature }] };
};

/** What it says, whoever signed. Throws BadOpening. */
export const readOpening = ({ statement }: Pick<SignedOpening, "statement">): Opening => {
  let value: unknown;
  try {
    value = JSON.parse(statement);
  } catch {
    throw new BadOpening("This is no opening of an epoch.");
  }
  const read = opening.safeParse(value);
  if (!read.success || canonicalize(value) !== statement) throw new BadOpening("This is no opening of an epoch.");
  return read.data;
};

/** What it says, if enough of these officers signed exactly that. `officers`: public keys. Throws BadOpening. */
export const checkOpening = (signed: SignedOpening, officers: readonly KeyObject[]): Opening => {
  const says = readOpening(signed);
  const text = signedText(signed.statement);
  const good = officers.filter((key) => {
    const own = signed.signatures.find(({ officer }) => officer === officerText(key));
    return own !== undefined && verify(null, text, key, Buffer.from(own.signature, "base64url"));
  });
  if (new Set(good.map(officerText)).size >= officersNeeded) return says;
  throw new BadOpening(
    `${good.length} of the trust's officers signed it; ${officersNeeded} are needed, of the same statement.`,
  );
};

/** The key whose word counts in an epoch: an opening's own, and before the first opening those that the trust began with. */
export const keysOfEpoch = (
  first: readonly KeyObject[],
  openings: readonly Opening[],
  epoch: number,
): readonly KeyObject[] => {
  const opened = openings.find((each) => each.epoch === epoch);
  if (opened !== undefined) return [publicKeyOf(opened.logKey)];
  const isBeforeAll = openings.every((each) => epoch < each.epoch);
  return isBeforeAll ? first : [];
};

/** Every key that ever signed for the trust. */
export const everyKey = (first: readonly KeyObject[], openings: readonly Opening[]): KeyObject[] => [
  ...first,
  ...openings.map(({ logKey }) => publicKeyOf(logKey)),
];

export const publicKeyOf = (text: string): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: text }, format: "jwk" });

/** The last line of a log that counts in an epoch: none of a later opening cuts it off. Infinity for the epoch that is open. */
export const lastAdopted = (openings: readonly Opening[], log: LogName, epoch: number): number =>
  Math.min(
    Number.POSITIVE_INFINITY,
    ...openings.filter((each) => each.epoch > epoch).map((each) => each.adopted[log].position),
  );
