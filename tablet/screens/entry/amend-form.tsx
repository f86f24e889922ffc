import { useState } from "react";
import type { BodyOf, Kind, KnownEntry } from "#domain/kinds.ts";
import type { RecordLine } from "#domain/record.ts";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { TextField } from "../../shell/text-field.tsx";
import { amendedBody, amendFields } from "./amend-fields.ts";
import { finishChips, withChip } from "./finish-chips.ts";

interface AmendFormProps {
  line: RecordLine;
  known: KnownEntry;
  /** The reason to begin with; the crew may change it. */
  reason: string;
  onDone: () => void;
}

/** Changes what an entry says by writing a new version of it. The old one stays in its history, with the reason. */
export const AmendForm = ({ line, known, reason: firstReason, onDone }: AmendFormProps) => {
  const { write, go, enrolment } = useSession();
  const fields = amendFields(known);
  const [values, setValues] = useKept<Record<string, string>>(`amend ${line.entry.id}`, () =>
    Object.fromEntries(fields.map((field) => [field.key, field.value])),
  );
  const [reason, setReason] = useKept(`amend reason ${line.entry.id}`, firstReason);
  const [problem, setProblem] = useState<string | null>(null);
  const screen = screens[known.kind];
  if (screen !== undefined)
    return (
      <div className="actions">
        <button
          type="button"
          className="btn primary"
          onClick={() => go(screen, known.kind === "allergies" ? "allergies" : undefined)}
        >
          Amend on its own screen
        </button>
      </div>
    );
  const save = async () => {
    const amended = amendedBody(known, values);
    if ("problem" in amended) return setProblem(amended.problem);
    await write(known.kind as Kind, amended.body as BodyOf<Kind>, {
      occurredAt: line.entry.occurredAt,
      amends: { id: line.entry.id, reason: reason.trim() },
      ...(line.entry.blobs ? { blobs: line.entry.blobs } : {}),
    });
    onDone();
  };
  return (
    <div className="sheet">
      <div className="two">
        {fields.map((field) => (
          <TextField
            key={field.key}
            label={field.label}
            value={values[field.key] ?? ""}
            onChange={(value) => setValues({ ...values, [field.key]: value })}
            {...(field.rows === undefined ? {} : { rows: field.rows })}
          />
        ))}
      </div>
      {finishChips(known, enrolment.formulary).map(({ key, legend, options }) => (
        <fieldset key={legend} className="chips">
          <legend>{legend}</legend>
          {options.map((option) => (
            <button
              key={option}
              type="button"
              className="btn"
              onClick={() => setValues({ ...values, [key]: withChip(known.kind, values[key] ?? "", option) })}
            >
              {option}
            </button>
          ))}
        </fieldset>
      ))}
      <TextField label="Reason for the change" value={reason} onChange={setReason} maxLength={2000} />
      {problem === null ? null : (
        <p className="flag" role="alert">
          {problem}
        </p>
      )}
      <div className="actions">
        <button type="button" className="btn primary big" disabled={reason.trim() === ""} onClick={() => void save()}>
          Save amendment
        </button>
      </div>
    </div>
  );
};

const screens: Partial<Record<Kind, "patient" | "presentation" | "prealert">> = {
  patient: "patient",
  allergies: "patient",
  presentation: "presentation",
  destination: "prealert",
  prealert: "prealert",
};
