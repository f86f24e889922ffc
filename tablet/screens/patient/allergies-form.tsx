import type { No } from "#domain/entry/answer.ts";
import type { Allergies } from "#domain/patient/patient.ts";
import { useSession, writeField } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { Chips } from "../../shell/chips.tsx";
import { TextField } from "../../shell/text-field.tsx";

type Allergy = Extract<Allergies["allergies"], { is: unknown }>["is"][number];
const usual = ["Penicillin", "Aspirin", "NSAIDs", "Morphine", "Latex", "Nuts"] as const;
const noes: readonly { value: No["no"]; label: string }[] = [
  { value: "none", label: "None known" },
  { value: "not-known", label: "Not known" },
  { value: "not-asked", label: "Not asked" },
  { value: "refused", label: "Refused to say" },
];
const severities = [
  { value: "mild", label: "Mild" },
  { value: "moderate", label: "Moderate" },
  { value: "severe", label: "Severe" },
] as const;
const allergiesMax = 50;

/** The list as known now, or one of the four answers that are not a list. */
export const AllergiesForm = () => {
  const session = useSession();
  const { record, go } = session;
  const now = record.allergies?.body.allergies;
  const [list, setList] = useKept<Allergy[]>("allergies", () => (now !== undefined && "is" in now ? now.is : []));
  const [no, setNo] = useKept<No["no"] | undefined>("no allergies", () =>
    now !== undefined && "no" in now ? now.no : undefined,
  );
  const [substance, setSubstance] = useKept("substance", "");
  const withSubstance = (name: string): Allergy[] => {
    const isNew = !list.some((one) => one.substance.toLowerCase() === name.trim().toLowerCase());
    return name.trim() !== "" && isNew && list.length < allergiesMax ? [...list, { substance: name.trim() }] : list;
  };
  const add = (name: string) => {
    setList(withSubstance(name));
    setNo(undefined);
    setSubstance("");
  };
  const change = (at: number, part: Partial<Allergy>) =>
    setList(list.map((one, i) => (i === at ? { ...one, ...part } : one)));
  // What is typed counts as listed: nobody loses an allergy to a button that was not pressed.
  const whole = withSubstance(substance);
  const answer: Allergies["allergies"] | null = whole.length > 0 ? { is: whole } : no === undefined ? null : { no };
  const save = async () => {
    if (answer === null) return;
    await writeField(session, "allergies", record.allergies, { allergies: answer });
    go("timeline");
  };
  return (
    <>
      <main className="patient-fields">
        <section className="stack">
          <Chips
            legend="No allergies to list because"
            value={list.length > 0 ? undefined : no}
            onChange={(value) => {
              setNo(value);
              setList([]);
            }}
            options={noes}
          />
          <fieldset className="chips">
            <legend>Allergic to</legend>
            {usual.map((name) => (
              <button
                key={name}
                type="button"
                className="btn"
                aria-pressed={list.some((one) => one.substance === name)}
                onClick={() => add(name)}
              >
                {name}
              </button>
            ))}
          </fieldset>
          <div className="add-row">
            <TextField label="Another substance" value={substance} onChange={setSubstance} maxLength={200} />
            <button type="button" className="btn" disabled={substance.trim() === ""} onClick={() => add(substance)}>
              Add
            </button>
          </div>
        </section>
        <ul className="stack allergy-list" aria-label="Allergies listed">
          {list.map((one, at) => (
            <li key={one.substance} className="card pad-in stack">
              <div className="row">
                <b className="grow">{one.substance}</b>
                <button
                  type="button"
                  className="btn"
                  aria-label={`Remove ${one.substance}`}
                  onClick={() => setList(list.filter((_, i) => i !== at))}
                >
                  Remove
                </button>
              </div>
              <TextField
                label={`Reaction to ${one.substance}`}
                value={one.reaction ?? ""}
                onChange={(reaction) => change(at, { reaction })}
                maxLength={200}
              />
              <Chips
                legend={`Severity of ${one.substance}`}
                hideLegend
                value={one.severity}
                onChange={(severity) => change(at, { severity })}
                options={severities}
              />
            </li>
          ))}
        </ul>
      </main>
      <footer className="bar-bottom">
        <span className="small">None known, not known, not asked and refused are four different answers.</span>
        <span className="grow" />
        <button type="button" className="btn primary big" disabled={answer === null} onClick={() => void save()}>
          Save allergies
        </button>
      </footer>
    </>
  );
};
