import type { ReactNode } from "react";
import { ageSexText } from "#domain/patient/age.ts";
import { useSession } from "../record/session.tsx";
import { patientName } from "../screens/record/patient-words.ts";

/** The top of a record's task: the way back, what it is, and for whom, so that nothing is written on the wrong patient. */
export const ScreenHeader = ({ title, children }: { title: string; children?: ReactNode }) => {
  const { record, go } = useSession();
  const patient = record.patient?.body;
  return (
    <header className="bar-top">
      <button type="button" className="btn quiet" onClick={() => go("timeline")}>
        Back
      </button>
      <h1>{title}</h1>
      <span className="small">
        {patientName(patient)} · {ageSexText(patient, new Date().toISOString())}
      </span>
      <span className="grow" />
      {children}
    </header>
  );
};
