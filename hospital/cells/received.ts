import type { Client } from "#client/client.ts";
import type { ReceivedFilm } from "#client/film/films.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import { arrivalOf } from "#domain/handover/arrival-of.ts";
import { fold } from "#domain/record.ts";
import { readEntry } from "#sync/envelope.ts";

/** A record that came to this screen by its camera, and not from the base. */
export interface ReceivedRecord {
  film: ReceivedFilm;
  /** Null: no site stands in the record. */
  arrival: Arrival | null;
  /** All of it is at the base: from here on the base's own board tells of it. */
  forwarded: boolean;
}
export type ReceivedRecords = ReadonlyMap<string, ReceivedRecord>;

/** So long a film's patient stands on the board by the film alone. */
const shownMs = 24 * 3_600_000;

/** What came by film to this screen, by record; the newest film of each. */
export const readReceived = async (client: Client, nowMs: number): Promise<ReceivedRecords> => {
  const found = new Map<string, ReceivedRecord>();
  for (const film of await client.films.received()) {
    if (nowMs - Date.parse(film.receivedAt) > shownMs) continue;
    const held = await client.replica.entries(film.recordId);
    const record = fold(held.flatMap(({ text }) => readEntry(text).entry ?? []));
    const forwarded = held.every(({ state }) => state.at === "foreign" || state.at === "acknowledged");
    found.set(film.recordId, { film, arrival: arrivalOf(record), forwarded });
  }
  return found;
};

/** Of the records that came by camera, those that the base's board does not tell of yet. */
export const onlyByCamera = (
  received: ReceivedRecords,
  board: readonly Arrival[],
  isLive: boolean,
): ReceivedRecord[] => {
  const onBoard = new Set(board.map(({ recordId }) => recordId));
  return [...received.values()].filter(({ film, forwarded }) => !onBoard.has(film.recordId) && !(isLive && forwarded));
};
