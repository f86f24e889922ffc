import type { Enrolment, Person } from "#client/client.ts";
import { Icon } from "#ui/icons.tsx";
import { useKeptAlone } from "../../record/use-kept.ts";
import { Chips } from "../../shell/chips.tsx";
import type { Shift } from "../../shift.ts";
import "./shift.css";

interface ShiftScreenProps {
  enrolment: Enrolment;
  person: Person;
  /** What is not ready for the day, in plain words; empty is ready. */
  lacking: readonly string[];
  onStart: (shift: Shift) => void;
}

/** Once a shift: the vehicle, who is on it, and whether this tablet is ready for the day. */
export const ShiftScreen = ({ enrolment, person, lacking, onStart }: ShiftScreenProps) => {
  const [callSign, setCallSign] = useKeptAlone<string | undefined>("shift call sign", undefined);
  const [crew, setCrew] = useKeptAlone<string[]>(`shift crew ${person.userId}`, [person.userId]);
  const vehicle = enrolment.vehicles.find((one) => one.callSign === callSign);
  const toggle = (userId: string) =>
    setCrew(crew.includes(userId) ? crew.filter((member) => member !== userId) : [...crew, userId]);
  return (
    <div className="screen">
      <header className="bar-top">
        <h1>Start the shift</h1>
        <span className="small">
          {enrolment.trustName} · signed in as {person.name}
        </span>
      </header>
      <main className="shift-form">
        <section className="card pad-in">
          <Chips
            legend="Vehicle"
            value={callSign}
            onChange={setCallSign}
            options={enrolment.vehicles.map((one) => ({
              value: one.callSign,
              label: `${one.callSign} · ${one.vehicle}`,
            }))}
          />
        </section>
        <section className="card pad-in">
          <fieldset className="chips">
            <legend>Crew</legend>
            {enrolment.people.map((one) => (
              <button
                key={one.userId}
                type="button"
                className="btn"
                aria-pressed={crew.includes(one.userId)}
                disabled={one.userId === person.userId}
                onClick={() => toggle(one.userId)}
              >
                {one.name}, {one.role}
              </button>
            ))}
          </fieldset>
        </section>
        <section className="card ready-light" data-ready={lacking.length === 0} aria-label="Ready for the day">
          <Icon name={lacking.length === 0 ? "check" : "warning"} size={36} />
          <div>
            <b>{lacking.length === 0 ? "Ready for the day" : "Not quite ready for the day"}</b>
            {lacking.length === 0 ? (
              <div className="small">
                Works without a network. Entries are kept on this tablet until the base has them.
              </div>
            ) : (
              <ul>
                {lacking.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            )}
          </div>
        </section>
      </main>
      <footer className="bar-bottom">
        <span className="grow" />
        <button
          type="button"
          className="btn primary big"
          disabled={vehicle === undefined}
          onClick={() => vehicle !== undefined && onStart({ ...vehicle, crew, startedAtMs: Date.now() })}
        >
          Start shift
        </button>
      </footer>
    </div>
  );
};
