import { useCallback, useMemo } from "react";
import { type EarlierRecord, entriesOf } from "#client/earlier.ts";
import { fold } from "#domain/record.ts";
import { Icon } from "#ui/icons.tsx";
import { glassWords } from "#ui/look-up.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { PatientColumns } from "../patient/patient-columns.tsx";
import { PatientWho } from "../patient/patient-header.tsx";
import type { FoundAt } from "./look-up.ts";

interface FoundPatientProps {
  found: FoundAt;
  opened: EarlierRecord;
  nowMs: number;
  onBack: () => void;
}

/** The patient as the crew told it until now, to read. It is not this site's to accept or to place: nothing here writes. */
export const FoundPatient = ({ found, opened, nowMs, onBack }: FoundPatientProps) => {
  const record = useMemo(() => fold(entriesOf(opened)), [opened]);
  const { cell, service } = found;
  const { recordId, reason } = opened;
  const fetchBlob = useCallback(
    (sha256: string) => cell.client.earlier.blob(recordId, sha256, reason),
    [cell, recordId, reason],
  );
  return (
    <>
      <header className="bar patient-bar">
        <button type="button" className="button quiet" onClick={onBack}>
          <Icon name="back" size={20} /> Look-up
        </button>
        <PatientWho record={record} nowMs={nowMs} />
        <b className="call-sign">{record.incident?.body.callSign}</b>
      </header>
      <main>
        <section className="glass-banner" aria-label="How this record was opened">
          <b>{opened.yours ? "This patient comes to your site: opened as usual" : `▲ ${glassWords(service)}`}</b>
          <span>
            {!opened.yours && `“${reason}”. `}As it was at {clockTimeSeenFrom(opened.openedAtMs, nowMs)}, read only.
            Check the name and date of birth with the patient.
          </span>
        </section>
        <PatientColumns record={record} nowMs={nowMs} fetchBlob={fetchBlob} />
      </main>
    </>
  );
};
