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
import { Accepted } from "../arrivals/board-row.tsx";
import { Eta, Wait } from "../arrivals/when.tsx";

interface PatientHeaderProps {
  record: CareRecord;
  /** Null: no site stands in the record. */
  arrival: Arrival | null;
  nowMs: number;
  onAccept: () => void;
}

/** Who this is and how sure we are, before anything else is read. */
export const PatientHeader = ({ record, arrival, nowMs, onAccept }: PatientHeaderProps) => {
  const patient = record.patient?.body;
  const birth = patient?.birthDate && "is" in patient.birthDate ? plainDate(patient.birthDate.is) : undefined;
  const about = [ageSexText(patient, new Date(nowMs).toISOString()), birth, nhsNumberText(patient)];
  return (
    <header className="bar patient-bar">
      <Link href="/" className="button quiet">
        <Icon name="back" size={20} /> Arrivals
      </Link>
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
      {arrival && (
        <>
          <News2Badge news2={arrival.news2} large />
          <div className="arrival-when">
            <When arrival={arrival} nowMs={nowMs} />
          </div>
          <div>
            <b className="call-sign">{arrival.callSign}</b>
            <div className="sub">{arrival.place?.place ?? "no place yet"}</div>
          </div>
          {arrival.acceptedBy === null ? (
            <button type="button" className="button big" aria-label={`Accept ${arrival.callSign}`} onClick={onAccept}>
              Accept handover
            </button>
          ) : (
            <Accepted arrival={arrival} nowMs={nowMs} />
          )}
        </>
      )}
    </header>
  );
};

const When = ({ arrival, nowMs }: { arrival: Arrival; nowMs: number }) => {
  if (arrival.state === "arrived") return <Wait arrival={arrival} nowMs={nowMs} />;
  if (arrival.state === "handed-over" && arrival.handedOverAt !== null)
    return <div className="sub">handed over {clockTimeSeenFrom(arrival.handedOverAt, nowMs)}</div>;
  return <Eta eta={arrival.eta} nowMs={nowMs} />;
};
