import type { ReactNode } from "react";
import { BoardRowView } from "./board-row.tsx";
import type { BoardRow, Section } from "./board-rows.ts";
import type { Board } from "./use-board.ts";

interface BoardTableProps {
  rows: Record<Section, BoardRow[]>;
  /** Rows that this person accepted and that changed since. */
  changed: BoardRow[];
  nowMs: number;
  trustNames: ReadonlyMap<string, string>;
  notAtBase: Board["notAtBase"];
  byCamera: ReadonlyMap<string, string>;
  showName: boolean;
  markDemonstrations: boolean;
  onPlace: (row: BoardRow) => void;
  onAccept: (row: BoardRow) => void;
}

const columns = 8;

export const BoardTable = ({ rows, changed, trustNames, notAtBase, byCamera, ...rest }: BoardTableProps) => {
  const draw = (row: BoardRow) => (
    <BoardRowView
      key={row.key}
      row={row}
      trustName={trustNames.get(row.trust) ?? row.trust}
      notAtBase={notAtBase.get(row.key)}
      byCameraAt={byCamera.get(row.key)}
      {...rest}
    />
  );
  return (
    <table className="board">
      <caption className="words-only">Patients on the way and waiting to be handed over</caption>
      <thead>
        <tr>
          <th scope="col" className="when">
            ETA
          </th>
          <th scope="col" className="score">
            NEWS2
          </th>
          <th scope="col" className="trend">
            Trend
          </th>
          <th scope="col">Headline concern</th>
          <th scope="col" className="obs">
            Last readings and their age
          </th>
          <th scope="col" className="call-sign">
            Call sign
          </th>
          <th scope="col" className="place-cell">
            Place
          </th>
          <th scope="col" className="act">
            <span className="words-only">Handover</span>
          </th>
        </tr>
      </thead>
      {changed.length > 0 && (
        <Group title="▲ Changed after you accepted: open to see what was added or struck">{changed.map(draw)}</Group>
      )}
      <tbody>
        {rows.coming.length > 0 ? (
          rows.coming.map(draw)
        ) : (
          <tr className="empty">
            <td colSpan={columns}>Nobody is on the way</td>
          </tr>
        )}
      </tbody>
      {rows.here.length > 0 && (
        <Group title="Here, waiting to hand over: marks at 15, 30 and 45 minutes">{rows.here.map(draw)}</Group>
      )}
    </table>
  );
};

const Group = ({ title, children }: { title: string; children: ReactNode }) => (
  <>
    <tbody className="group">
      <tr>
        <th colSpan={columns} scope="rowgroup">
          {title}
        </th>
      </tr>
    </tbody>
    <tbody>{children}</tbody>
  </>
);
