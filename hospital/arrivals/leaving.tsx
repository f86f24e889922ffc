import { Link } from "wouter";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { type BoardRowProps, changesWords, NotAtBase, patientPath } from "./board-row.tsx";
import type { BoardRow } from "./board-rows.ts";
import type { Board } from "./use-board.ts";

/** Who was expected and is no longer coming, for a few minutes, so that nobody keeps a bay for them. */
export const Gone = ({ rows }: { rows: BoardRow[] }) =>
  rows.length === 0 ? null : (
    <ul className="gone" aria-label="No longer coming">
      {rows.map(({ key, arrival }) => (
        <li key={key} className="chip">
          ✕ <b>{arrival.callSign}</b> {arrival.concern}, {arrival.ageSex}:{" "}
          {arrival.state === "diverted" ? "diverted, no longer coming here" : "stood down"}
        </li>
      ))}
    </ul>
  );

interface HandedOverProps {
  rows: BoardRow[];
  notAtBase: Board["notAtBase"];
  nowMs: number;
}

/** The last hours' handovers, folded away; a change after acceptance shows on the fold itself. */
export const HandedOver = ({ rows, notAtBase, nowMs }: HandedOverProps) => {
  if (rows.length === 0) return null;
  const changed = rows.filter(({ arrival }) => arrival.changedSinceAcceptance > 0).length;
  return (
    <details className="handed-over">
      <summary>
        Handed over in the last 4 hours: {rows.length}
        {changed > 0 && <span className="chip wait">▲ {changed} changed after acceptance</span>}
      </summary>
      <table className="board">
        <caption className="words-only">Handed over in the last 4 hours</caption>
        <thead>
          <tr>
            <th scope="col">Handed over</th>
            <th scope="col">Call sign</th>
            <th scope="col">Headline concern</th>
            <th scope="col">Accepted by</th>
            <th scope="col">Place</th>
            <th scope="col">Since then</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <HandedOverRow key={row.key} row={row} notAtBase={notAtBase.get(row.key)} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </details>
  );
};

interface HandedOverRowProps {
  row: BoardRow;
  notAtBase: BoardRowProps["notAtBase"];
  nowMs: number;
}

const HandedOverRow = ({ row, notAtBase, nowMs }: HandedOverRowProps) => {
  const { arrival } = row;
  const changes = arrival.changedSinceAcceptance;
  return (
    <tr>
      <td>{arrival.handedOverAt === null ? "time not recorded" : clockTimeSeenFrom(arrival.handedOverAt, nowMs)}</td>
      <th scope="row" className="call-sign">
        {arrival.callSign}
      </th>
      <td className="what">
        <Link href={patientPath(row)}>{arrival.concern}</Link>
        <span className="sub"> {arrival.ageSex}</span>
      </td>
      <td>
        {arrival.acceptedBy ?? "name not recorded"}
        <NotAtBase at={notAtBase} />
      </td>
      <td>{arrival.place?.place ?? "–"}</td>
      <td>{changes > 0 ? <span className="chip wait">▲ {changesWords(changes)}</span> : "no change"}</td>
    </tr>
  );
};
