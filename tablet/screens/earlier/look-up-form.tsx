import { isMistypedNhsNumber } from "#domain/patient/nhs-number.ts";
import { reasonLengthMax } from "#protocol/reason.ts";
import { type LookUp, lookUpWays, readLookUp, usualReasons } from "#ui/look-up.ts";
import { Chips } from "../../shell/chips.tsx";
import { TextField } from "../../shell/text-field.tsx";

interface LookUpFormProps {
  form: LookUp;
  onChange: (form: LookUp) => void;
  onFind: () => void;
  busy: boolean;
}

const reasons = usualReasons.crew.map((words) => ({ value: words, label: words }));

/** Whom, and why. Nothing is asked of the base before both are said. */
export const LookUpForm = ({ form, onChange, onFind, busy }: LookUpFormProps) => {
  const set =
    <K extends keyof LookUp>(key: K) =>
    (value: LookUp[K]) =>
      onChange({ ...form, [key]: value });
  const read = readLookUp(form);
  const badNumber = isMistypedNhsNumber(form.nhsNumber);
  return (
    <form
      className="card pad-in sheet look-up"
      aria-label="Look up a patient"
      onSubmit={(event) => {
        event.preventDefault();
        if ("by" in read && !busy) onFind();
      }}
    >
      <Chips legend="Look up by" options={lookUpWays} value={form.by} onChange={set("by")} />
      {form.by === "nhs-number" ? (
        <TextField
          label="NHS number"
          inputMode="numeric"
          value={form.nhsNumber}
          onChange={set("nhsNumber")}
          maxLength={14}
          hint={badNumber ? <b className="flag">! The check digit does not match: read it again.</b> : "Ten digits"}
        />
      ) : (
        <div className="two">
          <TextField
            label="Surname"
            value={form.familyName}
            onChange={set("familyName")}
            maxLength={200}
            hint="Found as it sounds"
          />
          <TextField
            label="Date of birth"
            inputMode="numeric"
            value={form.birthDate}
            onChange={set("birthDate")}
            maxLength={12}
            hint="Day month year, like 14 03 1954"
          />
        </div>
      )}
      <Chips legend="Why do you look?" options={reasons} value={reasonChip(form.reason)} onChange={set("reason")} />
      <TextField
        label="Or in your own words"
        value={form.reason}
        onChange={set("reason")}
        maxLength={reasonLengthMax}
        hint="Your trust's desk reads this with your name. Name no patient."
      />
      <div className="row">
        <span className="small grow" role="status">
          {"lacks" in read ? read.lacks : ""}
        </span>
        <button type="submit" className="btn primary big" disabled={busy || "lacks" in read}>
          {busy ? "Looking …" : "Find"}
        </button>
      </div>
    </form>
  );
};

const reasonChip = (reason: string) => usualReasons.crew.find((words) => words === reason);
