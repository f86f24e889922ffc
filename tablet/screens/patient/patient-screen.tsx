import { useSession, writeField } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { ScreenHeader } from "../../shell/screen-header.tsx";
import { AllergiesForm } from "./allergies-form.tsx";
import { PatientFields } from "./patient-fields.tsx";
import { type PatientForm, patientForm, readPatientForm } from "./patient-form.ts";
import "./patient.css";

/** Who the patient is, as far as known, and what they must not be given. Two forms, because they are two entries. */
export const PatientScreen = ({ part: shown }: { part: "who" | "allergies" }) => {
  const { record, go } = useSession();
  // Here, so that a look at the allergies loses nothing that was typed.
  const [form, setForm] = useKept("patient", () => patientForm(record.patient?.body));
  return (
    <div className="screen">
      <ScreenHeader title="Patient">
        <button type="button" className="btn" aria-pressed={shown === "who"} onClick={() => go("patient")}>
          Who
        </button>
        <button
          type="button"
          className="btn"
          aria-pressed={shown === "allergies"}
          onClick={() => go("patient", "allergies")}
        >
          Allergies
        </button>
      </ScreenHeader>
      {shown === "who" ? <Who form={form} onChange={setForm} /> : <AllergiesForm />}
    </div>
  );
};

const Who = ({ form, onChange }: { form: PatientForm; onChange: (form: PatientForm) => void }) => {
  const session = useSession();
  const { record, go } = session;
  const { body, flags } = readPatientForm(form);
  const save = async () => {
    await writeField(session, "patient", record.patient, body);
    go("timeline");
  };
  return (
    <>
      <main>
        <PatientFields form={form} onChange={onChange} />
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
