import type { Observations } from "#domain/observations/observations.ts";
import { clockTime } from "#ui/times.ts";
import {
  type ChoiceField,
  type Field,
  type FieldId,
  fieldOf,
  ghostOf,
  type NumberField,
  notDoneWords,
} from "./fields.ts";
import { digitsOf, type ObsPad, type ObsPadEvent, valueText } from "./obs-pad-state.ts";

interface ObsRowProps {
  field: Field;
  pad: ObsPad;
  send: (event: ObsPadEvent) => void;
  /** The set before this one: shown as a ghost, never counted, never saved. */
  last: Observations | undefined;
  lastAt: string | undefined;
  score: number | undefined;
  scale: 1 | 2;
  onScale: () => void;
}

/** One field: its name, the ghost of its last value, what was typed or chosen, and what it scores. */
export const ObsRow = ({ field, pad, send, last, lastAt, score, scale, onScale }: ObsRowProps) => {
  const on = pad.active === field.id || (field.id === "systolic" && pad.active === "diastolic");
  const ghost = ghostText(field, last);
  const lastWords =
    ghost === undefined
      ? ""
      : `last ${ghost}${lastAt === undefined || field.id !== "respirations" ? "" : ` at ${clockTime(lastAt)}`}`;
  return (
    <div className={on ? "f on" : "f"}>
      <div className="n">
        {field.id === "systolic" ? "Blood pressure" : field.label}
        <small>{lastWords}</small>
      </div>
      {field.kind === "choice" ? (
        <Choices field={field} pad={pad} send={send} ghost={ghost} />
      ) : field.id === "systolic" ? (
        <div className="pair">
          <NumberBox field={field} pad={pad} send={send} bare />
          <span>/</span>
          <NumberBox field={fieldOf("diastolic") as NumberField} pad={pad} send={send} />
        </div>
      ) : (
        <NumberBox field={field} pad={pad} send={send} />
      )}
      {field.id === "spo2" ? (
        <button type="button" className="btn" onClick={onScale}>
          Scale {scale}
        </button>
      ) : (
        <span />
      )}
      {score === undefined ? (
        <span />
      ) : (
        <span className="news" data-n={score} role="img" aria-label={`Scores ${score}`}>
          {score}
        </span>
      )}
    </div>
  );
};

const ghostText = (field: Field, last: Observations | undefined): string | undefined => {
  const ghost = ghostOf(last, field.id);
  if (ghost === undefined) return undefined;
  if (field.kind === "choice") return field.choices.find((choice) => choice.value === ghost)?.label ?? ghost;
  return field.id === "systolic" ? `${ghost}/${ghostOf(last, "diastolic") ?? "–"}` : ghost;
};

interface NumberBoxProps {
  field: NumberField;
  pad: ObsPad;
  send: (event: ObsPadEvent) => void;
  bare?: boolean;
}
const NumberBox = ({ field, pad, send, bare = false }: NumberBoxProps) => {
  const answer = pad.answers[field.id];
  const digits = digitsOf(pad, field.id);
  const active = pad.active === field.id;
  const value = digits === "" ? "" : valueText(field, digits);
  const notDone = answer !== undefined && "notDone" in answer ? notDoneWords[answer.notDone] : undefined;
  return (
    <button
      type="button"
      className="open v"
      aria-current={active}
      aria-label={`${field.label}: ${value === "" ? (notDone === undefined ? "empty" : `not done, ${notDone}`) : `${value} ${field.unit}`}`}
      onClick={() => send({ type: "focus", field: field.id })}
    >
      {notDone === undefined ? value : <span className="not-done">Not done: {notDone.toLowerCase()}</span>}
      {active ? <span className={pad.fresh && value !== "" ? "caret fresh" : "caret"} /> : null}
      {bare || (value === "" && !active) ? null : <i>{field.unit}</i>}
    </button>
  );
};

interface ChoicesProps {
  field: ChoiceField;
  pad: ObsPad;
  send: (event: ObsPadEvent) => void;
  ghost: string | undefined;
}
const Choices = ({ field, pad, send, ghost }: ChoicesProps) => {
  const answer = pad.answers[field.id];
  const chosen = answer !== undefined && "choice" in answer ? answer : undefined;
  const last = ghost === undefined ? undefined : field.choices.find((choice) => choice.label === ghost);
  const sameable = sameFields.has(field.id) && last !== undefined;
  return (
    <fieldset className="chips seg">
      <legend className="words-only">{field.label}</legend>
      {field.choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          className="btn plain-check"
          aria-pressed={chosen?.choice === choice.value && chosen.reconfirmed !== true}
          aria-label={choice.label}
          onClick={() => send({ type: "choose", field: field.id, choice: choice.value })}
        >
          {choice.short}
        </button>
      ))}
      {sameable ? (
        <button
          type="button"
          className="btn plain-check"
          aria-pressed={chosen?.reconfirmed === true}
          aria-label={`Same, reconfirmed: ${last.label}`}
          onClick={() => send({ type: "same", field: field.id as "inspired" | "acvpu", choice: last.value })}
        >
          Same: {last.short}
        </button>
      ) : null}
      {answer !== undefined && "notDone" in answer ? (
        <b className="flag">Not done: {notDoneWords[answer.notDone].toLowerCase()}</b>
      ) : null}
    </fieldset>
  );
};

/** "Same" exists for these two alone: everything else is measured anew or not recorded. */
const sameFields: ReadonlySet<FieldId> = new Set(["inspired", "acvpu"]);
