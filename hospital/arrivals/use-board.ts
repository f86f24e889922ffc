import { useEffect, useMemo, useState } from "react";
import type { CellSnapshot } from "../cells/cell.ts";
import { type OwnPlace, withOwnWork } from "../cells/own-work.ts";
import { onlyByCamera } from "../cells/received.ts";
import { type BoardRow, boardRows, noteGone, rowKey, type Section } from "./board-rows.ts";

export interface Board {
  rows: Record<Section, BoardRow[]>;
  /** Keys of rows with something that was written here and is not at the base, and where that is. */
  notAtBase: ReadonlyMap<string, Exclude<OwnPlace, "base">>;
  /** Keys of rows that came by this screen's camera and not from the base, with when. */
  byCamera: ReadonlyMap<string, string>;
}

/** One board of all cells, with what was written here already in it. */
export const useBoard = (snapshots: readonly CellSnapshot[], nowMs: number): Board => {
  const boards = useMemo(
    () =>
      snapshots.map(({ endpoint, board, ownWork, received, live }) => ({
        trust: endpoint.trust,
        arrivals: [
          ...(board?.arrivals ?? []).map((arrival) => withOwnWork(arrival, ownWork.get(arrival.recordId))),
          ...onlyByCamera(received, board?.arrivals ?? [], live).flatMap(({ arrival }) => arrival ?? []),
        ],
      })),
    [snapshots],
  );
  const byCamera = useMemo(
    () =>
      new Map(
        snapshots.flatMap(({ endpoint, board, received, live }) =>
          onlyByCamera(received, board?.arrivals ?? [], live).map(({ film }): [string, string] => [
            rowKey(endpoint.trust, film.recordId),
            film.receivedAt,
          ]),
        ),
      ),
    [snapshots],
  );
  const [goneSeenAt, setGoneSeenAt] = useState<ReadonlyMap<string, number>>(new Map());
  useEffect(() => setGoneSeenAt((before) => noteGone(boards, before, Date.now())), [boards]);
  const notAtBase = useMemo(
    () =>
      new Map(
        snapshots.flatMap(({ endpoint, ownWork }) =>
          [...ownWork].flatMap(([id, { at }]) => (at === "base" ? [] : [[rowKey(endpoint.trust, id), at] as const])),
        ),
      ),
    [snapshots],
  );
  return { rows: boardRows(boards, goneSeenAt, nowMs), notAtBase, byCamera };
};
