import { ageSexText } from "#domain/patient/age.ts";
import { allergiesInRecord } from "#domain/patient/allergy-words.ts";
import { formatNhsNumber, isValidNhsNumber } from "#domain/patient/nhs-number.ts";
import { useNow } from "#ui/age.ts";
import { Icon } from "#ui/icons.tsx";
import { clockTime, plainDate } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { elapsedText, identityChip, patientName } from "./patient-words.ts";

/** Who this is and what must not be missed, the same on every visit: name, identity, allergies, what waits, the time. */
export const RecordHeader = ({ onHome, onMenu }: { onHome: () => void; onMenu: () => void }) => {
  const { record, shift, go } = useSession();
  const now = useNow(10_000);
  const patient = record.patient?.body;
  const at = new Date(now).toISOString();
  const birthDate = patient?.birthDate && "is" in patient.birthDate ? patient.birthDate.is : undefined;
  const nhsNumber = patient?.nhsNumber && "is" in patient.nhsNumber ? patient.nhsNumber.is : undefined;
  const atPatient = record.milestones.find((line) => line.known.body.milestone === "at-patient");
  const allergies = allergiesInRecord(record);
  const severe = record.allergyLists.some((line) => "is" in line.known.body.allergies);
  const unanswered =
    !severe &&
    !record.allergyLists.some((line) => "no" in line.known.body.allergies && line.known.body.allergies.no === "none");
  return (
    <header className="bar-top record-header">
      <h1 className="words-only">Record of {patientName(patient)}</h1>
      <button type="button" className="btn quiet" aria-label="All records" onClick={onHome}>
        <Icon name="back" />
      </button>
      <button
        type="button"
        className="who"
        aria-label={`Patient: ${patientName(patient)}. Change`}
        onClick={() => go("patient")}
      >
        <span className="name">
          {patientName(patient)}{" "}
          <span className="age">
            {ageSexText(patient, at)}
            {birthDate === undefined ? "" : ` · ${plainDate(birthDate)}`}
          </span>
        </span>
        <span className="row under">
          {nhsNumber === undefined ? null : <span className="small">{formatNhsNumber(nhsNumber)}</span>}
          {nhsNumber !== undefined && !isValidNhsNumber(nhsNumber) ? (
            <span className="chip wait">! number does not check</span>
          ) : null}
          <span className={patient?.identity === "two-identifiers" ? "chip ok" : "chip"}>
            {identityChip[patient?.identity ?? "unknown"]}
          </span>
          {patient?.weight === undefined ? null : (
            <span className="chip">
              {patient.weight.quantity.value} {patient.weight.quantity.unit} {patient.weight.how}
            </span>
          )}
        </span>
      </button>
      <button
        type="button"
        className={severe ? "chip alarm allergy" : unanswered ? "chip wait allergy" : "chip allergy"}
        aria-label={`${allergies.join(" / ")}. Change`}
        onClick={() => go("patient", "allergies")}
      >
        {severe ? "! " : ""}
        {allergies.join(" / ")}
      </button>
      <span className="grow" />
      <div className="clock">
        <b>{clockTime(now)}</b>
        <div className="small">
          {atPatient === undefined ? "" : `at patient ${elapsedText(atPatient.entry.occurredAt, now)} · `}
          {record.incident?.body.callSign ?? shift.callSign}
        </div>
      </div>
      <button type="button" className="btn quiet" aria-label="Menu: lock, theme, this tablet" onClick={onMenu}>
        <Icon name="more" />
      </button>
    </header>
  );
};
