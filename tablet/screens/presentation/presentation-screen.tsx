import { clockTime } from "#ui/times.ts";
import { useSession, writeField } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { ScreenHeader } from "../../shell/screen-header.tsx";
import { TextField } from "../../shell/text-field.tsx";
import { type NoWord, onsetAt, presentationForm, readPresentation } from "./presentation-form.ts";
import "./presentation.css";

const concerns = [
  "Chest pain",
  "Breathlessness",
  "Stroke",
  "Fall",
  "Seizure",
  "Collapse",
  "Overdose",
  "Sepsis",
  "Trauma",
  "Abdominal pain",
] as const;
const onsets = [15, 30, 60, 120, 360] as const;
const noes: readonly { value: NoWord; label: string }[] = [
  { value: "none", label: "None" },
  { value: "not-known", label: "Not known" },
  { value: "not-asked", label: "Not asked" },
  { value: "refused", label: "Refused" },
];

/** The headline concern, which the hospital reads first, and the story behind it. */
export const PresentationScreen = () => {
  const session = useSession();
  const { record, go } = session;
  const [form, setForm] = useKept("presentation", () => presentationForm(record.presentation?.body));
  const body = readPresentation(form);
  const save = async () => {
    await writeField(session, "presentation", record.presentation, body);
    go("timeline");
  };
  return (
    <div className="screen">
      <ScreenHeader title="Presentation" />
      <main className="presentation">
        <section className="stack">
          <TextField
            label="Headline concern"
            value={form.concern}
            onChange={(concern) => setForm({ ...form, concern })}
            maxLength={200}
          />
          <fieldset className="chips">
            <legend className="words-only">Usual concerns</legend>
            {concerns.map((concern) => (
              <button
                key={concern}
                type="button"
                className="btn"
                aria-pressed={form.concern === concern}
                onClick={() => setForm({ ...form, concern })}
              >
                {concern}
              </button>
            ))}
          </fieldset>
          <fieldset className="chips">
            <legend>
              Onset{form.onset === undefined ? "" : `: ${"is" in form.onset ? clockTime(form.onset.is) : "not known"}`}
            </legend>
            {onsets.map((minutes) => (
              <button
                key={minutes}
                type="button"
                className="btn"
                onClick={() => setForm({ ...form, onset: { is: onsetAt(minutes, Date.now()) } })}
              >
                {minutes < 60 ? `${minutes} min ago` : `${minutes / 60} h ago`}
              </button>
            ))}
            <button
              type="button"
              className="btn"
              aria-pressed={form.onset !== undefined && "no" in form.onset}
              onClick={() => setForm({ ...form, onset: { no: "not-known" } })}
            >
              Not known
            </button>
          </fieldset>
          <TextField
            label="Mechanism"
            value={form.mechanism}
            onChange={(mechanism) => setForm({ ...form, mechanism })}
            maxLength={200}
          />
          <TextField
            label="Findings"
            value={form.findings}
            onChange={(findings) => setForm({ ...form, findings })}
            rows={3}
            maxLength={20_000}
          />
        </section>
        <section className="stack">
          {(["history", "pastHistory", "medication"] as const).map((key) => (
            <div key={key} className="stack answer">
              <TextField
                label={labels[key]}
                value={form[key].text}
                onChange={(text) => setForm({ ...form, [key]: { text, no: undefined } })}
                rows={2}
                maxLength={20_000}
              />
              <fieldset className="chips">
                <legend className="words-only">{labels[key]}: no answer because</legend>
                {noes.map(({ value, label }) => (
                  <button
                    key={value}
                    type="button"
                    className="btn"
                    aria-label={`${labels[key]}: ${label}`}
                    aria-pressed={form[key].no === value}
                    onClick={() => setForm({ ...form, [key]: { text: "", no: value } })}
                  >
                    {label}
                  </button>
                ))}
              </fieldset>
            </div>
          ))}
        </section>
      </main>
      <footer className="bar-bottom">
        <span className="grow" />
        <button
          type="button"
          className="btn primary big"
          disabled={form.concern.trim() === ""}
          onClick={() => void save()}
        >
          Save presentation
        </button>
      </footer>
    </div>
  );
};

const labels = {
  history: "History of this event",
  pastHistory: "Past history",
  medication: "Current medication",
} as const;
