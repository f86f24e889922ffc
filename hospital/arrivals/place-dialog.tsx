import { type FormEvent, useState } from "react";
import type { Arrival } from "#domain/handover/arrival.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import "./place-dialog.css";

export type Place = NonNullable<Arrival["place"]>;

const numbered = (name: string, upTo: number): string[] =>
  Array.from({ length: upTo }, (_, index) => `${name} ${index + 1}`);

const areas: { title: string; area: Place["area"]; places: string[] }[] = [
  { title: "Resus", area: "resus", places: numbered("Resus", 6) },
  { title: "Majors", area: "majors", places: numbered("Majors", 12) },
  { title: "Fit2Sit", area: "fit2sit", places: ["Fit2Sit"] },
  { title: "Other", area: "other", places: ["Cath lab", "CT", "Paediatrics", "Corridor"] },
];

interface PlaceDialogProps {
  arrival: Arrival;
  /** Place → call signs it is kept for. */
  taken: ReadonlyMap<string, string[]>;
  /** Rejects where it was not saved. */
  onChoose: (place: Place) => Promise<void>;
  onClose: () => void;
}

/** Where the patient will go. A place in use is marked with who has it, and can still be chosen. */
export const PlaceDialog = ({ arrival, taken, onChoose, onClose }: PlaceDialogProps) => {
  const [other, setOther] = useState("");
  const { fault, attempt } = useAttempt();
  const choose = (place: Place) =>
    attempt(async () => {
      await onChoose(place);
      onClose();
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void choose({ place: other.trim(), area: "other" });
  };
  const others = (place: string) => (taken.get(place) ?? []).filter((callSign) => callSign !== arrival.callSign);
  return (
    <Dialog title={`Place for ${arrival.callSign}: ${arrival.concern}, ${arrival.ageSex}`} onClose={onClose} wide>
      <Fault words={fault} />
      <div className="areas">
        {areas.map(({ title, area, places }) => (
          <section key={area} aria-labelledby={`area-${area}`}>
            <h3 id={`area-${area}`}>{title}</h3>
            <div className="places">
              {places.map((place) => (
                <button
                  key={place}
                  data-first={place === "Resus 1" || undefined}
                  type="button"
                  className={`place ${area}`}
                  aria-pressed={arrival.place?.place === place}
                  onClick={() => void choose({ place, area })}
                >
                  {place}
                  {area !== "fit2sit" && others(place).length > 0 && <small>{others(place).join(", ")}</small>}
                </button>
              ))}
            </div>
          </section>
        ))}
      </div>
      <form className="row other-place" onSubmit={submit}>
        <TextField label="Another place" place="grow" value={other} onChange={setOther} maxLength={40} />
        <button type="submit" className="button big" disabled={other.trim() === ""}>
          Assign
        </button>
      </form>
    </Dialog>
  );
};
