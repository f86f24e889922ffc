import { base64url } from "#client/bytes.ts";
import { agreeWithSender } from "#client/film/film-keys.ts";
import type { ReceivedFilm } from "#client/film/films.ts";
import { type FilmFault, readRecordFilm, readSummary } from "#client/film/read-film.ts";
import { type Collector, createCollector, type FilmKeys, type Found } from "#sharing/film/collector.ts";
import type { FilmHeader } from "#sharing/film/frame.ts";
import type { FilmSummary } from "#sharing/film/summary.ts";
import { CarriedContradicts } from "#sync/replica.ts";
import type { Cell } from "../cells/cell.ts";
import { keyCheckOf } from "./answer.ts";

/** What the camera has seen last. */
export type Seen =
  | { seen: "summary"; summary: FilmSummary }
  | { seen: "progress"; have: number; of: number }
  | { seen: "received"; cell: Cell; film: ReceivedFilm; isNew: boolean }
  | { seen: "refused"; words: string };

const faultWords: Record<FilmFault, string> = {
  unreadable:
    "This film is of a version that this screen does not read. Nothing of it was kept: ask the crew to tell you.",
  "not-signed": "This film is not signed by the tablet that it names. Nothing of it was kept. Tell the trust's desk.",
  "unknown-maker": "This film was not made by a tablet of this ambulance service. Nothing of it was kept.",
  "broken-chain":
    "Entries in this film are not as their author signed them. Nothing of it was kept. Tell the trust's desk.",
};

/** Collects films of all trusts that bring patients here, and keeps what came whole in the screen's own store. */
export const createReceiver = (cells: readonly Cell[]) => {
  const received = new Map<string, { cell: Cell; film: ReceivedFilm }>();
  const cellOf = ({ trust }: { trust: string }): Cell | undefined =>
    cells.find((cell) => cell.getSnapshot().endpoint.trust === trust && cell.getSnapshot().client.phase === "ready");

  const checks = new WeakMap<FilmKeys, string>();
  const keysFor = async (film: FilmHeader): Promise<FilmKeys[] | "other-place"> => {
    const cell = cellOf(film.place);
    if (cell?.getSnapshot().client.enrolment?.site?.siteId !== film.place.siteId) return "other-place";
    const keys = await cell.client.films.siteKeys();
    return Promise.all(
      keys.map(async (key) => {
        const agreement = await agreeWithSender(key, film.point);
        const filmKeys = await agreement.keysOf(film);
        checks.set(filmKeys, await keyCheckOf(agreement));
        return filmKeys;
      }),
    );
  };
  const collector: Collector = createCollector({
    kind: "record",
    keysFor,
    isReceived: (filmId) => received.has(filmId),
  });

  const keep = async (found: Extract<Found, { found: "whole" }>): Promise<Seen> => {
    const { film, opened } = found;
    const cell = cellOf(film.place)!;
    const { client } = cell;
    const known = client.films.trust();
    const read = known && (await readRecordFilm(film, opened, known));
    if (read === undefined || "fault" in read)
      return { seen: "refused", words: faultWords[read?.fault ?? "unknown-maker"] };
    const { says, entries, unproved, ecg } = read;
    try {
      await client.replica.carry(says.recordId, entries);
    } catch (failure) {
      if (failure instanceof CarriedContradicts) return { seen: "refused", words: contradictsWords };
      return { seen: "refused", words: "The film came whole and could not be kept on this screen. Show it again." };
    }
    if (ecg) await client.films.keepEcg(ecg.entryId, ecg.copy);
    const noted: ReceivedFilm = {
      filmId: film.filmId,
      recordId: says.recordId,
      receivedAt: new Date().toISOString(),
      madeAt: says.madeAt,
      point: base64url(film.point),
      keyCheck: checks.get(found.keys) ?? "",
      unproved: entries.filter(({ deviceId }) => unproved.includes(deviceId)).length,
      leftOut: says.leftOut,
    };
    await client.films.note(noted);
    received.set(film.filmId, { cell, film: noted });
    await cell.noteReceived();
    return { seen: "received", cell, film: noted, isNew: true };
  };

  const otherPlace = ({ trust, siteId }: { trust: string; siteId: string }): string => {
    const cell = cellOf({ trust });
    if (cell === undefined) return "This film is of an ambulance service that this screen is not set up with.";
    const { enrolment } = cell.getSnapshot().client;
    const name = enrolment?.sites.find((site) => site.siteId === siteId)?.name ?? "another department";
    return `This film is for ${name}, not for ${enrolment?.site?.name ?? "this department"}. Ask the crew to make one for here.`;
  };

  return {
    /** Reads what this screen has received before; films that come again are then known. */
    async load(): Promise<void> {
      for (const cell of cells) {
        if (cell.getSnapshot().client.phase !== "ready") continue;
        for (const film of await cell.client.films.received()) received.set(film.filmId, { cell, film });
      }
    },
    /** What a symbol was; undefined where it says nothing new. */
    async take(bytes: Uint8Array): Promise<Seen | undefined> {
      const found = await collector.take(bytes);
      switch (found.found) {
        case "none":
        case "again":
          return undefined;
        case "newer":
          return { seen: "refused", words: faultWords.unreadable };
        case "too-large":
          return { seen: "refused", words: "This film is longer than a film may be. Nothing of it was kept." };
        case "no-key":
          return { seen: "refused", words: noKeyWords };
        case "changed":
          return { seen: "refused", words: "A frame was changed: it is not as the tablet made it. It was left out." };
        case "damaged":
          return { seen: "refused", words: "The film came damaged. Nothing of it was kept: it is collected again." };
        case "other-place":
          return { seen: "refused", words: otherPlace(found.place) };
        case "replayed": {
          const { cell, film } = received.get(found.filmId)!;
          // It may have been accepted since it came.
          const noted = (await cell.client.films.received()).find(({ filmId }) => filmId === found.filmId);
          return { seen: "received", cell, film: noted ?? film, isNew: false };
        }
        case "summary": {
          const summary = await readSummary(found.opened);
          return summary && { seen: "summary", summary };
        }
        case "row":
          return { seen: "progress", have: found.have, of: found.of };
        case "whole":
          return keep(found);
      }
    },
  };
};
export type Receiver = ReturnType<typeof createReceiver>;

const contradictsWords =
  "This film contradicts what this screen holds of the same record. Nothing of it was kept. Tell the trust's desk.";
const noKeyWords =
  "This screen has no key for films yet: it gets one at its next contact with the base. Take the handover by word.";
