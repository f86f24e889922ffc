import { decimal } from "#domain/entry/quantity.ts";
import { quantityText } from "#domain/medication/dose.ts";
import { unitText } from "#domain/observations/words.ts";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { Chips } from "../../shell/chips.tsx";
import { TextField } from "../../shell/text-field.tsx";
import { crewOf } from "../../shift.ts";
import { chooseItem, type DrugForm, presentationsOf } from "./drug-state.ts";

const indications = [
  "Chest pain",
  "Pain",
  "Breathlessness",
  "Allergic reaction",
  "Cardiac arrest",
  "Seizure",
  "Nausea",
  "Low glucose",
] as const;
const givers = [
  { value: "author", label: "Me" },
  { value: "crew", label: "A colleague" },
  { value: "earlier-crew", label: "An earlier crew" },
  { value: "patient", label: "The patient" },
] as const;
const units = ["mg", "ug", "g", "mL"] as const;

/** Presentation, dose, route, indication, witness: chips first, a box where no chip fits. */
export const DrugChoices = ({ form, onChange }: { form: DrugForm; onChange: (form: DrugForm) => void }) => {
  const { enrolment, shift, author } = useSession();
  const items = presentationsOf(enrolment.formulary, form.drug ?? "");
  const witnesses = crewOf(shift, enrolment.people, author).slice(1);
  return (
    <>
      {items.length > 1 ? (
        <Chips
          legend="Presentation: these are different strengths"
          value={form.item?.presentation}
          onChange={(presentation) =>
            onChange(chooseItem(form, items.find((item) => item.presentation === presentation)!))
          }
          options={items.map((item) => ({ value: item.presentation ?? "", label: item.presentation ?? "as stocked" }))}
        />
      ) : form.item?.presentation ? (
        <p className="small">Presentation: {form.item.presentation}</p>
      ) : null}
      <fieldset className="chips">
        <legend>Dose</legend>
        {(form.item?.doses ?? []).map((dose) => (
          <button
            key={quantityText(dose)}
            type="button"
            className="btn"
            aria-pressed={form.dose?.value === dose.value && form.dose.unit === dose.unit}
            onClick={() => onChange({ ...form, dose })}
          >
            {quantityText(dose)}
          </button>
        ))}
        <OtherDose key={form.item?.presentation ?? form.drug} form={form} onChange={onChange} />
      </fieldset>
      {form.item === null || form.item.routes.length === 0 ? (
        <TextField
          label="Route"
          value={form.route ?? ""}
          onChange={(route) => onChange({ ...form, route: route || null })}
          maxLength={200}
        />
      ) : (
        <Chips
          legend="Route"
          value={form.route ?? undefined}
          onChange={(route) => onChange({ ...form, route })}
          options={form.item.routes.map((route) => ({ value: route, label: route }))}
        />
      )}
      {form.item?.controlled ? (
        <fieldset className="chips">
          <legend>Witness: this is a controlled drug</legend>
          {witnesses.map((person) => (
            <button
              key={person.userId}
              type="button"
              className="btn"
              aria-pressed={form.witness?.userId === person.userId}
              onClick={() => onChange({ ...form, witness: person })}
            >
              {person.name}
            </button>
          ))}
          {witnesses.length === 0 ? (
            <span className="flag">! Nobody else is on this shift. Record it, and finish the witness later.</span>
          ) : null}
        </fieldset>
      ) : null}
      <Chips
        legend="Indication"
        value={indications.find((one) => one === form.indication)}
        onChange={(indication) => onChange({ ...form, indication })}
        options={indications.map((one) => ({ value: one, label: one }))}
      />
      <Chips
        legend="Given by"
        value={form.givenBy}
        onChange={(givenBy) => onChange({ ...form, givenBy: givenBy as DrugForm["givenBy"] })}
        options={givers}
      />
    </>
  );
};

/** A dose that no chip has. It counts as soon as it is a number, in the unit that is pressed. */
const OtherDose = ({ form, onChange }: { form: DrugForm; onChange: (form: DrugForm) => void }) => {
  const [value, setValue] = useKept("other dose", "");
  const [unit, setUnit] = useKept<string>("other unit", form.item?.doses[0]?.unit ?? "mg");
  const set = (nextValue: string, nextUnit: string) => {
    setValue(nextValue);
    setUnit(nextUnit);
    const sound = decimal.safeParse(nextValue.trim()).success;
    if (sound) onChange({ ...form, dose: { value: nextValue.trim(), unit: nextUnit } });
  };
  const wrong = value.trim() !== "" && !decimal.safeParse(value.trim()).success;
  return (
    <details className="other-dose">
      <summary className="btn">Other dose</summary>
      <div className="row">
        <TextField
          label="Dose"
          inputMode="decimal"
          value={value}
          onChange={(next) => set(next, unit)}
          maxLength={12}
          hint={wrong ? "Digits with a point, like 2.5" : undefined}
        />
        <Chips
          legend="Unit"
          hideLegend
          value={unit}
          onChange={(next) => set(value, next)}
          options={units.map((one) => ({ value: one, label: unitText(one) }))}
        />
      </div>
    </details>
  );
};
