import * as z from "zod/mini";
import { chainEntriesMax, sha256Hex, uuid } from "#domain/entry/entry.ts";
import { limits } from "./limits.ts";
import { serverState } from "./server-state.ts";

/** A place in a chain. */
export const place = z.int().check(z.positive(), z.maximum(chainEntriesMax));

/**
 * A run of one chain. `entries` are the exact canonical texts, in chain order and without holes inside the run; the
 * signature is the author device's over the head, the last of them (see `headStatement`). Anyone enrolled may carry it.
 */
export const chainRun = z.object({
  deviceId: uuid,
  recordId: uuid,
  entries: z.array(z.string()).check(z.minLength(1), z.maxLength(limits.pushEntriesMax)),
  head: z.object({ n: place, hash: sha256Hex, signature: z.string().check(z.maxLength(200)) }),
  /**
   * The entries are sealed to the trust's inbox key, base64url: a locked tablet sends what it cannot read (inboxAbout). They
   * are decided, and answered by hash, as the texts that they hold.
   */
  sealed: z.optional(z.literal(true)),
});
export type ChainRun = z.infer<typeof chainRun>;

export const pushRequest = z.object({
  protocol: z.int(),
  /** Highest epoch the client has seen; a server of a lower one refuses with `epoch-behind`. */
  epochSeen: z.int(),
  chains: z.array(chainRun).check(z.minLength(1), z.maxLength(limits.pushEntriesMax)),
});
export type PushRequest = z.infer<typeof pushRequest>;

/**
 * One answer per entry, in the order sent, by the entry's hash. `accepted` and `duplicate` come after commit.
 * `quarantined` is durable too: the bytes are kept as they came. `retry` promises nothing. `held`: durable at a standby, and shown there,
 * but in no log: its sender keeps it for the base, and sends it no more to this life of this server.
 */
export const pushAnswer = z.object({
  hash: sha256Hex,
  answer: z.enum(["accepted", "duplicate", "quarantined", "retry", "held"]),
  position: z.optional(z.int()),
  /**
   * Why it was quarantined or must be retried, a code from `quarantineCodes`; `not-in-scope` and `kind-not-allowed` with
   * `retry`: not the sender's to write, so it stays with the sender.
   */
  code: z.optional(z.string()),
});
export type PushAnswer = z.infer<typeof pushAnswer>;

/** A hole in a chain: entries `from`…`to` (inclusive) are lacking. What lies after the hole is stored all the same. */
export const need = z.object({ deviceId: uuid, recordId: uuid, from: z.int(), to: z.int() });
export type Need = z.infer<typeof need>;

export const pushResponse = z.object({
  server: serverState,
  answers: z.array(pushAnswer),
  need: z.array(need),
  /** Lanes the server takes now, most urgent first. */
  lanes: z.array(z.enum(["P0", "P1", "P2", "P3", "P4"])),
  retryAfterMs: z.optional(z.int()),
});
export type PushResponse = z.infer<typeof pushResponse>;

export const quarantineCodes = [
  "unreadable",
  "too-large",
  "bad-signature",
  "unknown-device",
  /** Rightly signed by a device that is lost, stolen, retired or suspended: kept until the desk releases it. */
  "revoked-device",
  /** Transcribed from a paper form at the desk: kept until a second person has checked it. */
  "awaiting-check",
  "wrong-chain",
  "id-reused",
  "chain-forked",
  "prev-mismatch",
] as const;
export type QuarantineCode = (typeof quarantineCodes)[number];

/** The text a device signs for a chain head, UTF-8, ECDSA P-256 with SHA-256, IEEE P1363, base64url. */
export const headStatement = (head: { deviceId: string; recordId: string; n: number; hash: string }): string =>
  `holdfast-head-v1\n${head.deviceId}\n${head.recordId}\n${head.n}\n${head.hash}\n`;

/**
 * How an entry is sealed to the inbox: the sender's uncompressed point of P-256, and what AES-256-GCM makes under HKDF-SHA-256 of
 * the agreed secret, with that point as salt and `inboxUse` as info.
 */
export const inboxPointBytes = 65;
export const inboxUse = "holdfast-inbox-v1";
/** What a sealed run's entries are bound to as additional data, so that they open in their own chain alone. */
export const inboxAbout = (deviceId: string, recordId: string): string => `${inboxUse}\n${deviceId}\n${recordId}\n`;
