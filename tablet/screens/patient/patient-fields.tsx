import { isMistypedNhsNumber } from "#domain/patient/nhs-number.ts";
import { readBirthDate } from "#ui/birth-date.ts";
import { plainDate } from "#ui/times.ts";
import { Chips } from "../../shell/chips.tsx";
import { TextField } from "../../shell/text-field.tsx";
import { digitsOnly, type PatientForm } from "./patient-form.ts";

const genders = [
  { value: "female", label: "Female" },
  { value: "male", label: "Male" },
  { value: "other", label: "Other" },
  { value: "unknown", label: "Not known" },
] as const;
const identities = [
  { value: "unknown", label: "Not known" },
  { value: "stated", label: "As stated" },
  { value: "traced", label: "Traced" },
  { value: "two-identifiers", label: "Two identifiers" },
] as const;
const nhsNos = [
  { value: "not-known", label: "Not known" },
  { value: "not-asked", label: "Not asked" },
  { value: "refused", label: "Refused" },
] as const;
const pregnancies = [
  { value: "yes", label: "Pregnant" },
  { value: "no", label: "Not pregnant" },
  { value: "not-known", label: "Not known" },
  { value: "refused", label: "Refused" },
] as const;

/** All of them optional: a patient nobody can name is saved like any other. */
export const PatientFields = ({ form, onChange }: { form: PatientForm; onChange: (form: PatientForm) => void }) => {
  const set =
    <K extends keyof PatientForm>(key: K) =>
    (value: PatientForm[K]) =>
      onChange({ ...form, [key]: value });
  const badNumber = isMistypedNhsNumber(form.nhsNumber);
  const birthDate = readBirthDate(form.birthDate);
  return (
    <div className="patient-fields">
      <section className="stack">
        <div className="two">
          <TextField label="Family name" value={form.familyName} onChange={set("familyName")} maxLength={200} />
          <TextField label="Given name" value={form.givenName} onChange={set("givenName")} maxLength={200} />
        </div>
        <TextField
          label="NHS number"
          inputMode="numeric"
          value={form.nhsNumber}
          onChange={set("nhsNumber")}
          maxLength={14}
          hint={
            badNumber ? (
              <b className="flag">! The check digit does not match: read it again. It is saved as typed.</b>
            ) : (
              "Ten digits"
            )
          }
        />
        {digitsOnly(form.nhsNumber) === "" ? (
          <Chips
            legend="No NHS number because"
            hideLegend
            value={form.nhsNo || undefined}
            onChange={set("nhsNo")}
            options={nhsNos}
          />
        ) : null}
        <Chips legend="Identity" value={form.identity} onChange={set("identity")} options={identities} />
        <div className="two">
          <TextField label="Address" value={form.address} onChange={set("address")} maxLength={200} />
          <TextField label="Postcode" value={form.postcode} onChange={set("postcode")} maxLength={20} />
        </div>
        <TextField label="GP" value={form.gp} onChange={set("gp")} maxLength={200} />
      </section>
      <section className="stack">
        <div className="two">
          <TextField
            label="Date of birth"
            inputMode="numeric"
            value={form.birthDate}
            onChange={set("birthDate")}
            maxLength={12}
            hint={birthDate === undefined ? "Day month year, like 14 03 1954" : plainDate(birthDate)}
          />
          <TextField
            label="Or age, years"
            inputMode="numeric"
            value={form.ageYears}
            onChange={set("ageYears")}
            maxLength={3}
          />
        </div>
        {form.birthDate === "" && form.ageYears === "" ? (
          <Chips
            legend="Age not known: which score applies?"
            value={form.ageGroup || undefined}
            onChange={set("ageGroup")}
            options={[
              { value: "adult", label: "Adult, 16 or over" },
              { value: "child", label: "Child" },
            ]}
          />
        ) : null}
        <Chips legend="Sex" value={form.gender || undefined} onChange={set("gender")} options={genders} />
        {form.gender === "male" ? null : (
          <Chips
            legend="Pregnancy"
            value={form.pregnant === "" || form.pregnant === "not-asked" ? undefined : form.pregnant}
            onChange={set("pregnant")}
            options={pregnancies}
          />
        )}
        <div className="weight">
          <TextField
            label="Weight, kg"
            inputMode="decimal"
            value={form.weight}
            onChange={set("weight")}
            maxLength={6}
          />
          <Chips
            legend="How the weight is known"
            hideLegend
            value={form.weightHow}
            onChange={set("weightHow")}
            options={[
              { value: "measured", label: "Measured" },
              { value: "stated", label: "Stated" },
              { value: "estimated", label: "Estimated" },
            ]}
          />
        </div>
      </section>
    </div>
  );
};
