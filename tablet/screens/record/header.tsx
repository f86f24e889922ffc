import { ageSexText } from "#domain/patient/age.ts";
import { allergiesInRecord } from "#domain/patient/allergy-words.ts";
import { formatNhsNumber, isValidNhsNumber } from "#domain/patient/nhs-number.ts";
import type { CareRecord } from "#domain/record.ts";
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
  const atPatient = record.milestones.find((line) => line.known.body.milestone === "at-patient");
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
        <WhoWords />
      </button>
      <button
        type="button"
        className={allergyLook(record)}
        aria-label={`${allergiesInRecord(record).join(" / ")}. Change`}
        onClick={() => go("patient", "allergies")}
      >
        {allergyText(record)}
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

/** Name, age, number, and how sure the identity is. */
export const WhoWords = () => {
  const { record } = useSession();
  const patient = record.patient?.body;
  const birthDate = patient?.birthDate && "is" in patient.birthDate ? patient.birthDate.is : undefined;
  const nhsNumber = patient?.nhsNumber && "is" in patient.nhsNumber ? patient.nhsNumber.is : undefined;
  const at = new Date(useNow(10_000)).toISOString();
  return (
    <>
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
    </>
  );
};

/** The allergies where nobody changes them. */
export const AllergyWords = () => {
  const { record } = useSession();
  return <span className={allergyLook(record)}>{allergyText(record)}</span>;
};

const isSevere = (record: CareRecord): boolean => record.allergyLists.some((line) => "is" in line.known.body.allergies);

const allergyLook = (record: CareRecord): string => {
  if (isSevere(record)) return "chip alarm allergy";
  const isAnswered = record.allergyLists.some(
    ({ known }) => "no" in known.body.allergies && known.body.allergies.no === "none",
  );
  return isAnswered ? "chip allergy" : "chip wait allergy";
};

const allergyText = (record: CareRecord): string =>
  `${isSevere(record) ? "! " : ""}${allergiesInRecord(record).join(" / ")}`;
