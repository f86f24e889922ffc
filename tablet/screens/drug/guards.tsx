import type { Guard } from "#domain/medication/guards.ts";
import { Icon } from "#ui/icons.tsx";

const reasons = [
  "Benefit outweighs the risk",
  "Checked with the patient",
  "Advised by a clinician",
  "Already given",
] as const;

interface GuardsProps {
  guards: readonly Guard[];
  passed: Readonly<Record<string, string>>;
  onPass: (message: string, reason: string) => void;
}

/** What must be said before this drug is given. Each can be passed with a reason, and none of them stops the record. */
export const Guards = ({ guards, passed, onPass }: GuardsProps) => (
  <div role="alert" className="guards">
    {guards.map(({ guard, message }) => (
      <div key={message} className={loud.has(guard) ? "guard loud" : "guard"}>
        <p>
          <Icon name="warning" size={26} /> <b>{message}</b>
        </p>
        <fieldset className="chips">
          <legend className="words-only">Reason to give it all the same: {message}</legend>
          {reasons.map((reason) => (
            <button
              key={reason}
              type="button"
              className="btn"
              aria-pressed={passed[message] === reason}
              onClick={() => onPass(message, reason)}
            >
              {reason}
            </button>
          ))}
        </fieldset>
      </div>
    ))}
  </div>
);

const loud: ReadonlySet<Guard["guard"]> = new Set(["allergy", "other-device"]);
