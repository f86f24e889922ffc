import { isValidNhsNumber } from "#domain/patient/nhs-number.ts";
import { type LookUp, readLookUp, usualReasons } from "#ui/look-up.ts";

interface LookUpFormProps {
  form: LookUp;
  onChange: (form: LookUp) => void;
  onFind: () => void;
  busy: boolean;
}

const ways = [
  { value: "nhs-number", label: "NHS number" },
  { value: "name", label: "Surname and date of birth" },
] as const;

/** Whom, and why. Nothing is asked of a base before both are said. */
export const LookUpForm = ({ form, onChange, onFind, busy }: LookUpFormProps) => {
  const set = (part: Partial<LookUp>) => onChange({ ...form, ...part });
  const read = readLookUp(form);
  const digits = form.nhsNumber.replaceAll(/\D/g, "");
  const badNumber = digits.length === 10 && !isValidNhsNumber(digits);
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
        {ways.map(({ value, label }) => (
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
        <label className="field">
          NHS number
          <input
            value={form.nhsNumber}
            onChange={(event) => set({ nhsNumber: event.target.value })}
            inputMode="numeric"
            maxLength={14}
            autoComplete="off"
          />
          {badNumber && <span className="chip wait">▲ The check digit does not match: read it again</span>}
        </label>
      ) : (
        <div className="row name-fields">
          <label className="field grow">
            Surname, found as it sounds
            <input
              value={form.familyName}
              onChange={(event) => set({ familyName: event.target.value })}
              maxLength={200}
              autoComplete="off"
            />
          </label>
          <label className="field">
            Date of birth, like 14 03 1954
            <input
              value={form.birthDate}
              onChange={(event) => set({ birthDate: event.target.value })}
              inputMode="numeric"
              maxLength={12}
              autoComplete="off"
            />
          </label>
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
      <label className="field">
        Or in your own words
        <input
          value={form.reason}
          onChange={(event) => set({ reason: event.target.value })}
          maxLength={300}
          autoComplete="off"
        />
      </label>
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
