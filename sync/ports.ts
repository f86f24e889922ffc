import type { Author, BlobRef, Ref } from "#domain/entry/entry.ts";
import type { HeadsRequest, HeadsResponse } from "#protocol/heads.ts";
import type { PullRequest, PullResponse } from "#protocol/pull.ts";
import type { PushRequest, PushResponse } from "#protocol/push.ts";

/** Time and place as the device believes them. Injected, because sync must not depend on either being right. */
export interface Clock {
  nowMs(): number;
  timeZone(): string;
}

export interface Random {
  /** UUIDv7. */
  uuid(): string;
  /** That many random bytes, lower-case hexadecimal. */
  hex(bytes: number): string;
  /** In [0, 1), for jitter. */
  unit(): number;
}

/** The device's own key; it signs the head of each chain that it writes. */
export interface DeviceSigner {
  deviceId: string;
  sign(statement: string): Promise<string>;
}

/** SHA-256 of the UTF-8 bytes of a text, hexadecimal. The browser's is asynchronous. */
export type HashText = (text: string) => string | Promise<string>;

/** The way to one server. A failed call rejects with a TransportFailure. */
export interface Transport {
  push(request: PushRequest): Promise<PushResponse>;
  pull(request: PullRequest): Promise<PullResponse>;
  heads(request: HeadsRequest): Promise<HeadsResponse>;
}

export class TransportFailure extends Error {
  readonly code: "unreachable" | "busy" | "refused" | "rejected";
  readonly retryAfterMs: number | undefined;
  constructor(code: TransportFailure["code"], message: string, retryAfterMs?: number) {
    super(message);
    this.name = "TransportFailure";
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What an author wants to record; the replica adds identity, chain, salt and clock. */
export interface Draft {
  recordId: string;
  kind: string;
  body: Record<string, unknown>;
  author: Author;
  /** Clinical time, UTC; defaults to now. */
  occurredAt?: string;
  ref?: Ref;
  blobs?: BlobRef[];
}
