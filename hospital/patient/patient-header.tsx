import { Link } from "wouter";
import type { Arrival } from "#domain/handover/arrival.ts";
import { ageSexText } from "#domain/patient/age.ts";
import { allergiesInRecord } from "#domain/patient/allergy-words.ts";
import { identityWords, nameText, nhsNumberText } from "#domain/patient/patient-words.ts";
import type { CareRecord } from "#domain/record.ts";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { Icon } from "#ui/icons.tsx";
import { News2Badge } from "#ui/news-badge.tsx";
import { clockTimeSeenFrom, plainDate } from "#ui/times.ts";
import { Accepted, type BoardRowProps, NotAtBase } from "../arrivals/board-row.tsx";
import { Eta, Wait } from "../arrivals/when.tsx";

interface PatientHeaderProps extends Pick<BoardRowProps, "notAtBase"> {
  record: CareRecord;
  /** Null: no site stands in the record. */
  arrival: Arrival | null;
  nowMs: number;
  /** The department of this screen. */
  siteId: string;
  onAccept: () => void;
  onPlace: () => void;
}

/** Who this is and how sure we are, before anything else is read. */
export const PatientHeader = ({ record, arrival, nowMs, siteId, notAtBase, onAccept, onPlace }: PatientHeaderProps) => {
  const gone = notComing(record, arrival, siteId);
  return (
    <header className="bar patient-bar">
      <Link href="/" className="button quiet">
        <Icon name="back" size={20} /> Arrivals
      </Link>
      <PatientWho record={record} nowMs={nowMs} />
      {gone !== null && (
        <p className="chip alarm not-coming" role="status">
          ✕ {gone}
        </p>
      )}
      {arrival && gone === null && (
        <>
          <News2Badge news2={arrival.news2} large />
          <div>
            <When arrival={arrival} nowMs={nowMs} />
          </div>
          <div>
            <b className="call-sign">{arrival.callSign}</b>
          </div>
          <button
            type="button"
            className={`place ${arrival.place?.area ?? "none"}`}
            aria-label={`Assign place ${arrival.callSign}${arrival.place ? `, now ${arrival.place.place}` : ""}`}
            onClick={onPlace}
          >
            {arrival.place?.place ?? "Assign place"}
          </button>
          {arrival.acceptedBy === null ? (
            <button type="button" className="button big" aria-label={`Accept ${arrival.callSign}`} onClick={onAccept}>
              Accept handover
            </button>
          ) : (
            <Accepted arrival={arrival} nowMs={nowMs} />
          )}
          <NotAtBase at={notAtBase} />
        </>
      )}
    </header>
  );
};

/** Name, age, number, how sure we are, and what must not be given. */
export const PatientWho = ({ record, nowMs }: Pick<PatientHeaderProps, "record" | "nowMs">) => {
  const patient = record.patient?.body;
  const birth = patient?.birthDate && "is" in patient.birthDate ? plainDate(patient.birthDate.is) : undefined;
  const about = [ageSexText(patient, new Date(nowMs).toISOString()), birth, nhsNumberText(patient)];
  return (
    <div className="patient-who">
      <h1>
        {nameText(patient) ?? "Name not known"} <span className="soft">{about.filter(Boolean).join(" · ")}</span>
      </h1>
      <p className="facts">
        <span className={patient?.identity === "two-identifiers" ? "chip ok" : "chip"}>
          {identityWords[patient?.identity ?? "unknown"]}
        </span>
        {allergiesInRecord(record).map((text) => (
          <span key={text} className={text.startsWith("Allergies: ") ? "chip alarm" : "chip"}>
            {text}
          </span>
        ))}
        {record.incident?.body.demonstration && <DemonstrationMark />}
      </p>
    </div>
  );
};

/** Why nobody must wait here for this patient; null while they are coming, here or handed over here. */
const notComing = (record: CareRecord, arrival: Arrival | null, siteId: string): string | null => {
  if (arrival === null) return "No longer coming here";
  const site = [...record.destinations, ...record.prealerts].find(
    (line) => line.known.body.site?.siteId === arrival.siteId,
  );
  if (arrival.siteId !== siteId) return `Going to ${site?.known.body.site?.name ?? "another site"}, not coming here`;
  return arrival.state === "stood-down" ? "Stood down, not coming" : null;
};

const When = ({ arrival, nowMs }: { arrival: Arrival; nowMs: number }) => {
  if (arrival.state === "arrived") return <Wait arrival={arrival} nowMs={nowMs} />;
  if (arrival.state === "handed-over" && arrival.handedOverAt !== null)
    return <div className="sub">handed over {clockTimeSeenFrom(arrival.handedOverAt, nowMs)}</div>;
  return <Eta eta={arrival.eta} nowMs={nowMs} />;
};
