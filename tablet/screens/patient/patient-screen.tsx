import { useState } from "react";
import { useSession, writeField } from "../../record/session.tsx";
import { ScreenHeader } from "../../shell/screen-header.tsx";
import { AllergiesForm } from "./allergies-form.tsx";
import { PatientFields } from "./patient-fields.tsx";
import { patientForm, readPatientForm } from "./patient-form.ts";
import "./patient.css";

/** Who the patient is, as far as known, and what they must not be given. Two forms, because they are two entries. */
export const PatientScreen = ({ part }: { part: string | undefined }) => {
  const [shown, setShown] = useState<"who" | "allergies">(part === "allergies" ? "allergies" : "who");
  return (
    <div className="screen">
      <ScreenHeader title="Patient">
        <button type="button" className="btn" aria-pressed={shown === "who"} onClick={() => setShown("who")}>
          Who
        </button>
        <button
          type="button"
          className="btn"
          aria-pressed={shown === "allergies"}
          onClick={() => setShown("allergies")}
        >
          Allergies
        </button>
      </ScreenHeader>
      {shown === "who" ? <Who /> : <AllergiesForm />}
    </div>
  );
};

const Who = () => {
  const session = useSession();
  const { record, go } = session;
  const [form, setForm] = useState(() => patientForm(record.patient?.body));
  const { body, flags } = readPatientForm(form);
  const save = async () => {
    const saved = await writeField(session, "patient", record.patient, body);
    if (saved !== undefined) go("timeline");
  };
  return (
    <>
      <main>
        <PatientFields form={form} onChange={setForm} />
      </main>
      <footer className="bar-bottom">
        <span className="flag" role="status">
          {flags.length === 0 ? "" : `! Left out as it is: ${flags.join("; ")}`}
        </span>
        <span className="grow" />
        <button type="button" className="btn primary big" onClick={() => void save()}>
          Save patient
        </button>
      </footer>
    </>
  );
};
