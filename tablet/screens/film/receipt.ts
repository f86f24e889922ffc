import type { Client } from "#client/client.ts";
import type { MadeFilm } from "#client/film/make-film.ts";
import { type FilmFault, readReceiptFilm } from "#client/film/read-film.ts";
import { readReceiptCode, type TypedCode } from "#client/film/receipt-code.ts";
import { createCollector } from "#sharing/film/collector.ts";

/** What the camera saw, in plain words; `taken`: the hospital's acceptance is in the record now. */
export type ReceiptSeen = { words: string; taken?: true };

const faultWords: Record<FilmFault, string> = {
  unreadable: "That receipt is of another version. Use the code instead.",
  "not-signed": "That receipt is not signed by the screen that it names. Do not take it for an acceptance.",
  "unknown-maker": "That receipt is of no screen of this hospital. Do not take it for an acceptance.",
  "broken-chain": "That receipt was changed. Do not take it for an acceptance.",
};

/** Reads the screen's answer to a film, frame by frame, and keeps the hospital's own signed entries in the record. */
export const createReceiptReader = (client: Client, recordId: string, film: MadeFilm) => {
  const { take } = createCollector({
    kind: "receipt",
    isReceived: () => false,
    keysFor: async (header) =>
      header.filmId === film.filmId && header.place.siteId === film.place.siteId
        ? [await film.agreement.keysOf({ ...header, place: film.place })]
        : "other-place",
  });
  return async (bytes: Uint8Array): Promise<ReceiptSeen | undefined> => {
    const found = await take(bytes);
    if (found.found === "other-place") return { words: "That is the answer to another film. Show this one again." };
    if (found.found === "changed") return { words: "A frame was changed on the way. It is left out." };
    if (found.found === "damaged") return { words: "The receipt came damaged. It is read again." };
    if (found.found === "row") return { words: `Reading the receipt: ${found.have} of ${found.of}` };
    if (found.found !== "whole") return undefined;
    const known = client.films.trust();
    const read = known && (await readReceiptFilm(found.film, found.opened, known));
    if (read === undefined || "fault" in read) return { words: faultWords[read?.fault ?? "unreadable"] };
    if (read.says.recordId !== recordId) return { words: "That is the receipt of another record." };
    try {
      await client.replica.carry(recordId, read.entries);
    } catch {
      return { words: "The receipt was read and could not be kept on this tablet. Read it again." };
    }
    return { words: "The hospital's acceptance is in the record.", taken: true };
  };
};

/** A code that was read out, as an instant: the time in it is the last one that was so. */
export const typedReceipt = async (
  film: MadeFilm,
  typed: string,
  nowMs: number,
): Promise<{ acceptedAt: string } | { words: string }> => {
  const read: TypedCode = await readReceiptCode(film.agreement, film.filmId, typed);
  if ("fault" in read)
    return {
      words:
        read.fault === "mistyped"
          ? "That is not the code: a digit is wrong or missing. Read it again."
          : "That code is not the answer to this film. Was it read from this patient's receipt?",
    };
  const day = new Date(nowMs).toISOString().slice(0, 11);
  const today = Date.parse(`${day}${read.accepted}:00.000Z`);
  // A clock some minutes behind the hospital's must not make it yesterday.
  const at = today > nowMs + 3_600_000 ? today - 86_400_000 : today;
  return { acceptedAt: new Date(at).toISOString() };
};
