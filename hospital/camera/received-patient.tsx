import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { ReceivedFilm } from "#client/film/films.ts";
import { useRecord } from "#client/use-record.ts";
import { ageSexText } from "#domain/patient/age.ts";
import { allergiesInRecord } from "#domain/patient/allergy-words.ts";
import { nameText, nhsNumberText } from "#domain/patient/patient-words.ts";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import type { Cell } from "../cells/cell.ts";
import { AtmistCard } from "../patient/atmist-card.tsx";
import { authorOf, personOf } from "../sign-in/person.ts";
import { AcceptForm } from "./accept-form.tsx";
import { acceptFilm } from "./answer.ts";
import { Receipt } from "./receipt.tsx";

interface ReceivedPatientProps {
  cell: Cell;
  film: ReceivedFilm;
  /** False for a film that this screen has had before. */
  isNew: boolean;
  nowMs: number;
}

/** A film this old, ms, may be a recording of another day: it is said, and nothing is kept from anybody. */
const oldMs = 3_600_000;

/** What the film brought, to be read and accepted by name; then the receipt for the crew's tablet. */
export const ReceivedPatient = ({ cell, film: first, isNew, nowMs }: ReceivedPatientProps) => {
  const [film, setFilm] = useState(first);
  const record = useRecord(cell.client.replica, film.recordId);
  const person = personOf(cell.getSnapshot().client.signedIn);
  const userId = person?.userId;
  useEffect(() => {
    cell.client.opened(film.recordId, person && authorOf(person));
  }, [cell.client, film.recordId, userId]);
  if (record === null) return <p role="status">Opening the record…</p>;
  const patient = record.patient?.body;
  const who = [ageSexText(patient, new Date(nowMs).toISOString()), nhsNumberText(patient)].filter(Boolean).join(" · ");
  const isOld = nowMs - Date.parse(film.madeAt) > oldMs;
  return (
    <>
      <section className="stack" aria-label="The patient">
        <div className="card padded-card stack">
          <p className={isNew ? "chip ok" : "chip wait"} role="status">
            {isNew
              ? `✓ All of it came at ${clockTimeSeenFrom(film.receivedAt, nowMs)}, by camera, not from the base`
              : `▲ This film was received here at ${clockTimeSeenFrom(film.receivedAt, nowMs)}. Nothing was added.`}
          </p>
          <h2>
            {nameText(patient) ?? "Name not known"} <span className="soft">· {who}</span>
          </h2>
          <p className="facts">
            {allergiesInRecord(record).map((text) => (
              <span key={text} className={text.startsWith("Allergies: ") ? "chip alarm" : "chip"}>
                {text}
              </span>
            ))}
            {record.incident?.body.demonstration && <DemonstrationMark />}
          </p>
          {isOld && (
            <p className="chip wait">
              ▲ The film was made at {clockTimeSeenFrom(film.madeAt, nowMs)}: is it of this patient, and of now?
            </p>
          )}
          {film.unproved > 0 && (
            <p className="soft">
              {film.unproved} {film.unproved === 1 ? "entry is" : "entries are"} of another crew's tablet: the base
              checks whose, when it is back.
            </p>
          )}
          {film.leftOut > 0 && (
            <p className="soft">{film.leftOut} more of another crew's entries follow by the base.</p>
          )}
          <p>
            <Link href={`/patient/${cell.getSnapshot().endpoint.trust}/${film.recordId}`} className="button quiet">
              Open the patient
            </Link>
          </p>
        </div>
        <AtmistCard record={record} nowMs={nowMs} />
      </section>
      {film.acceptedAt === undefined ? (
        <AcceptForm
          person={person}
          siteName={cell.getSnapshot().client.enrolment?.site?.name ?? "This site"}
          onAccept={async (by) => setFilm(await acceptFilm(cell, film, record, by))}
        />
      ) : (
        <Receipt cell={cell} film={film} acceptedBy={record.acceptance?.body.acceptedBy ?? ""} nowMs={nowMs} />
      )}
    </>
  );
};
