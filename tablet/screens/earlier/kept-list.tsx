import { useMemo } from "react";
import { type EarlierRecord, entriesOf } from "#client/earlier.ts";
import { ageSexText } from "#domain/patient/age.ts";
import { fold } from "#domain/record.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { patientName } from "../record/patient-words.ts";

interface KeptListProps {
  kept: readonly EarlierRecord[];
  nowMs: number;
  onOpen: (recordId: string) => void;
}

/** What this person has opened so far this shift: it needs no base any more. */
export const KeptList = ({ kept, nowMs, onOpen }: KeptListProps) => {
  // Once, and not at each key that is pressed in the form beside.
  const patients = useMemo(() => kept.map((one) => fold(entriesOf(one)).patient?.body), [kept]);
  if (kept.length === 0) return null;
  return (
    <section aria-labelledby="kept-title" className="records">
      <h2 id="kept-title">Opened by you this shift</h2>
      <ul>
        {kept.map((one, at) => {
          const patient = patients[at];
          return (
            <li key={one.recordId}>
              <button type="button" className="card record-card found-card" onClick={() => onOpen(one.recordId)}>
                <time dateTime={new Date(one.openedAtMs).toISOString()}>
                  {clockTimeSeenFrom(new Date(one.openedAtMs).toISOString(), nowMs)}
                </time>
                <span className="text">
                  <b>
                    {patientName(patient)}{" "}
                    <span className="soft">{ageSexText(patient, new Date(nowMs).toISOString())}</span>
                  </b>
                  <span>{one.reason}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
};
