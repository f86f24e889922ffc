import { expect, test } from "vitest";
import type { ReceivedFilm } from "#client/film/films.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import { onlyByCamera, type ReceivedRecord } from "./received.ts";

const recordOf = (recordId: string, forwarded: boolean): [string, ReceivedRecord] => [
  recordId,
  { film: { recordId } as ReceivedFilm, arrival: null, forwarded },
];
const shown = (received: [string, ReceivedRecord][], board: string[], isLive: boolean): string[] =>
  onlyByCamera(
    new Map(received),
    board.map((recordId) => ({ recordId }) as Arrival),
    isLive,
  ).map(({ film }) => film.recordId);

test("a film's patient stands on the board until the base tells of it itself", () => {
  const received = [recordOf("waiting", false), recordOf("forwarded", true)];
  expect(shown(received, [], false)).toEqual(["waiting", "forwarded"]);
  expect(shown(received, ["waiting"], false)).toEqual(["forwarded"]);
  expect(shown(received, [], true)).toEqual(["waiting"]);
});
