import { limits } from "#protocol/limits.ts";

/** A blob on its way to the base. Offsets are bytes that the server has said it stores. */
export type BlobUpload =
  /** How much the server has is not known: ask (HEAD). */
  | { at: "unknown"; size: number; failures: number }
  /** Send the chunk that begins at `offset` (PATCH). */
  | { at: "sending"; size: number; offset: number; failures: number }
  /** Not before `untilMs`, by the device's clock; then ask again. */
  | { at: "resting"; size: number; untilMs: number; failures: number }
  | { at: "stored"; size: number }
  /** The bytes here do not have the hash that the entry names, or the base will not take them: for a person to look at. */
  | { at: "refused"; size: number; code: "hash-mismatch" | "too-large" };

export type BlobEvent =
  /** The server's answer to either request. */
  | { type: "offset"; offset: number }
  | { type: "failed"; nowMs: number; delayMs: number }
  | { type: "tick"; nowMs: number }
  | { type: "hash-mismatch" };

export type BlobStep =
  | { do: "ask" }
  | { do: "send"; from: number; to: number }
  | { do: "wait"; untilMs: number }
  | { do: "nothing" };

export const newUpload = (size: number): BlobUpload =>
  size > limits.blobBytesMax ? { at: "refused", size, code: "too-large" } : { at: "unknown", size, failures: 0 };

/** How many entries may wait before blobs give way: none. An entry is never behind a blob. */
export const nextStep = (upload: BlobUpload, entriesWaiting: number): BlobStep => {
  if (entriesWaiting > 0) return { do: "nothing" };
  switch (upload.at) {
    case "unknown":
      return { do: "ask" };
    case "sending":
      return { do: "send", from: upload.offset, to: Math.min(upload.offset + limits.blobChunkBytes, upload.size) };
    case "resting":
      return { do: "wait", untilMs: upload.untilMs };
    default:
      return { do: "nothing" };
  }
};

/** The only truth about progress is the server's offset; whatever goes wrong, it is asked again. */
export const updateUpload = (upload: BlobUpload, event: BlobEvent): BlobUpload => {
  if (upload.at === "stored" || upload.at === "refused") return upload;
  const { size } = upload;
  switch (event.type) {
    case "offset": {
      const { offset } = event;
      if (!Number.isSafeInteger(offset) || offset < 0 || offset > size)
        return { at: "unknown", size, failures: upload.failures + 1 };
      return offset === size ? { at: "stored", size } : { at: "sending", size, offset, failures: 0 };
    }
    case "failed":
      return { at: "resting", size, untilMs: event.nowMs + event.delayMs, failures: upload.failures + 1 };
    case "tick": {
      if (upload.at !== "resting") return upload;
      // A clock that jumped back must not make the rest last for years.
      const over = event.nowMs >= upload.untilMs || upload.untilMs - event.nowMs > restMsMax;
      return over ? { at: "unknown", size, failures: upload.failures } : upload;
    }
    case "hash-mismatch":
      return { at: "refused", size, code: "hash-mismatch" };
  }
};

/** Longest rest, ms; back-off never asks for more. */
const restMsMax = 600_000;
