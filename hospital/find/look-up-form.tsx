import { isMistypedNhsNumber } from "#domain/patient/nhs-number.ts";
import { reasonLengthMax } from "#protocol/reason.ts";
import { type LookUp, lookUpWays, readLookUp, usualReasons } from "#ui/look-up.ts";
import { TextField } from "#ui/text-field.tsx";

interface LookUpFormProps {
  form: LookUp;
  onChange: (form: LookUp) => void;
  onFind: () => void;
  busy: boolean;
}

/** Whom, and why. Nothing is asked of a base before both are said. */
export const LookUpForm = ({ form, onChange, onFind, busy }: LookUpFormProps) => {
  const set = (part: Partial<LookUp>) => onChange({ ...form, ...part });
  const read = readLookUp(form);
  const badNumber = isMistypedNhsNumber(form.nhsNumber);
  return (
    <form
      className="card stack look-up"
      aria-label="Look up a patient"
      onSubmit={(event) => {
        event.preventDefault();
        if ("by" in read && !busy) onFind();
      }}
    >
      <fieldset className="choices">
        <legend>Look up by</legend>
        {lookUpWays.map(({ value, label }) => (
          <button
            key={value}
            type="button"
            className="button quiet"
            aria-pressed={form.by === value}
            onClick={() => set({ by: value })}
          >
            {label}
          </button>
        ))}
      </fieldset>
      {form.by === "nhs-number" ? (
        <TextField
          label="NHS number"
          value={form.nhsNumber}
          onChange={(nhsNumber) => set({ nhsNumber })}
          inputMode="numeric"
          maxLength={14}
        >
          {badNumber && <span className="chip wait">▲ The check digit does not match: read it again</span>}
        </TextField>
      ) : (
        <div className="row name-fields">
          <TextField
            label="Surname, found as it sounds"
            place="grow"
            value={form.familyName}
            onChange={(familyName) => set({ familyName })}
            maxLength={200}
          />
          <TextField
            label="Date of birth, like 14 03 1954"
            value={form.birthDate}
            onChange={(birthDate) => set({ birthDate })}
            inputMode="numeric"
            maxLength={12}
          />
        </div>
      )}
      <fieldset className="choices">
        <legend>Why do you look?</legend>
        {usualReasons.hospital.map((words) => (
          <button
            key={words}
            type="button"
            className="button quiet"
            aria-pressed={form.reason === words}
            onClick={() => set({ reason: words })}
          >
            {words}
          </button>
        ))}
      </fieldset>
      <TextField
        label="Or in your own words"
        value={form.reason}
        onChange={(reason) => set({ reason })}
        maxLength={reasonLengthMax}
      />
      <p className="soft">The ambulance service's desk reads this with your name. Name no patient in it.</p>
      <div className="row">
        <span className="soft grow" role="status">
          {"lacks" in read ? read.lacks : ""}
        </span>
        <button type="submit" className="button big" disabled={busy || "lacks" in read}>
          {busy ? "Looking…" : "Find"}
        </button>
      </div>
    </form>
  );
};
