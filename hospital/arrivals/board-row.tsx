import { Link } from "wouter";
import type { Arrival } from "#domain/handover/arrival.ts";
import { ageMinutes, durationWords } from "#ui/age.ts";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { News2Badge } from "#ui/news-badge.tsx";
import { Spark } from "#ui/spark.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import type { BoardRow } from "./board-rows.ts";
import { isStale } from "./board-rows.ts";
import { Readings } from "./readings.tsx";
import { Eta, Wait } from "./when.tsx";

export interface BoardRowProps {
  row: BoardRow;
  nowMs: number;
  /** Short name of the trust, beside the call sign. */
  trustName: string;
  /** Something written here has not reached the base: where it is. */
  notAtBase: "here" | "standby" | undefined;
  /** When this screen's camera received it, where the base has not told of it. */
  byCameraAt: string | undefined;
  showName: boolean;
  /** Invented and real patients are on one board: each invented one says so. Otherwise the header says it for all. */
  markDemonstrations: boolean;
  onPlace: (row: BoardRow) => void;
  onAccept: (row: BoardRow) => void;
}

export const patientPath = ({ trust, arrival }: BoardRow): string => `/patient/${trust}/${arrival.recordId}`;

export const BoardRowView = (props: BoardRowProps) => {
  const { row, nowMs, trustName, notAtBase, byCameraAt, showName, markDemonstrations, onPlace, onAccept } = props;
  const { arrival } = row;
  const accepted = row.section === "coming" && arrival.acceptedBy !== null;
  const prealert = row.section === "coming" && (arrival.prealerted || arrival.state === "pre-alerted");
  return (
    <tr className={accepted ? "expected" : prealert ? "pre" : undefined}>
      <td className="when">
        <When row={row} nowMs={nowMs} />
      </td>
      <td className="score">
        <News2Badge news2={arrival.news2} />
        <Score news2={arrival.news2} nowMs={nowMs} />
      </td>
      <td className="trend">
        <Spark values={arrival.trend.map((point) => point.total)} label="NEWS2 trend" low={0} high={8} />
      </td>
      <td className="what">
        <div className="headline">
          <Link href={patientPath(row)}>{arrival.concern}</Link>
          {prealert && <span className="chip alarm">! Pre-alert</span>}
          {accepted && arrival.changedSinceAcceptance > 0 && (
            <span className="chip wait">▲ {changesWords(arrival.changedSinceAcceptance)} since accepted</span>
          )}
          {arrival.awaitingCoSign !== undefined && (
            <span className="chip wait">○ {arrival.awaitingCoSign} not co-signed</span>
          )}
          {markDemonstrations && arrival.demonstration && <DemonstrationMark short />}
        </div>
        <div className="sub clipped" title={arrival.detail}>
          {byCameraAt !== undefined && (
            <b className="stale">▲ By camera {clockTimeSeenFrom(byCameraAt, nowMs)}, not from the base · </b>
          )}
          <b>{arrival.ageSex}</b>
          {arrival.allergy?.startsWith("Allergies: ") && <b className="allergy"> · {arrival.allergy}</b>}
          {showName && arrival.name !== undefined && ` · ${arrival.name}`}
          {arrival.detail && ` · ${arrival.detail}`}
        </div>
      </td>
      <td className="obs">
        <Readings arrival={arrival} nowMs={nowMs} />
      </td>
      <th scope="row" className="call-sign">
        {arrival.callSign}
        <div className="sub">{trustName}</div>
      </th>
      <td className="place-cell">
        <button
          type="button"
          className={`place ${arrival.place?.area ?? "none"}`}
          aria-label={`Assign place ${arrival.callSign}${arrival.place ? `, now ${arrival.place.place}` : ""}`}
          onClick={() => onPlace(row)}
        >
          {arrival.place?.place ?? "Assign"}
        </button>
      </td>
      <td className="act">
        {arrival.acceptedBy === null ? (
          <button
            type="button"
            className={row.section === "here" ? "button" : "button quiet"}
            aria-label={`Accept ${arrival.callSign}`}
            onClick={() => onAccept(row)}
          >
            Accept
          </button>
        ) : (
          <Accepted arrival={arrival} nowMs={nowMs} />
        )}
        <NotAtBase at={notAtBase} />
      </td>
    </tr>
  );
};

/** Where what was written at this screen is, until the base has it. */
export const NotAtBase = ({ at }: { at: BoardRowProps["notAtBase"] }) =>
  at === undefined ? null : (
    <div className="stale">{at === "here" ? "○ kept here, not sent yet" : "○ at the standby, not yet at the base"}</div>
  );

export const Accepted = ({ arrival, nowMs }: { arrival: Arrival; nowMs: number }) => (
  <div className="accepted">
    <b>✓ Accepted</b>
    <div className="sub">
      {arrival.acceptedBy}
      {arrival.handedOverAt !== null && ` ${clockTimeSeenFrom(arrival.handedOverAt, nowMs)}`}
    </div>
  </div>
);

const When = ({ row: { section, arrival }, nowMs }: { row: BoardRow; nowMs: number }) => {
  if (section === "here") return <Wait arrival={arrival} nowMs={nowMs} />;
  if (section === "coming") return <Eta eta={arrival.eta} nowMs={nowMs} />;
  return <b className="stale">▲ {changesWords(arrival.changedSinceAcceptance)}</b>;
};

export const changesWords = (changes: number): string => (changes === 1 ? "1 change" : `${changes} changes`);

const whyNone = { "under-16": "under 16", pregnant: "pregnant", "age-not-known": "age?" };

/** How old the score is, or why there is none. */
const Score = ({ news2, nowMs }: { news2: Arrival["news2"]; nowMs: number }) => {
  if (news2 === null) return <div className="score-age">no obs</div>;
  if ("notFor" in news2) return <div className="score-age">{whyNone[news2.notFor]}</div>;
  return (
    <div className={isStale(news2.at, nowMs) ? "score-age stale" : "score-age"}>
      {durationWords(ageMinutes(news2.at, nowMs)).replace("under 1 min", "now")}
    </div>
  );
};
