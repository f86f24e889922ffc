import { type FormEvent, useState } from "react";
import { Fault } from "#ui/fault.tsx";
import { TextField } from "#ui/text-field.tsx";
import { localText } from "../parts/local-text.ts";

/** One question to the access log. */
export interface Asked {
  about: "person" | "deviceId" | "recordId";
  which: string;
  from: string;
  to: string;
}

/** As the server's query names it. */
export const queryOf = ({ about, which, from, to }: Asked) => ({ [about]: which, from, to });

const choices = [
  { about: "person", title: "A person", label: "Staff number or user id" },
  { about: "deviceId", title: "A device", label: "Device id" },
  { about: "recordId", title: "A record", label: "Record id" },
] as const;

const dayMs = 86_400_000;
export const AccessForm = ({ onAsk }: { onAsk: (asked: Asked) => void }) => {
  const [about, setAbout] = useState<Asked["about"]>("person");
  const [which, setWhich] = useState("");
  const [from, setFrom] = useState(() => localText(Date.now() - 7 * dayMs));
  const [to, setTo] = useState(() => localText(Date.now() + dayMs / 24));
  const isOrdered = from < to;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAsk({ about, which: which.trim(), from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  };
  return (
    <search>
      <form className="stack" onSubmit={submit}>
        <fieldset className="row ask-about">
          <legend className="words-only">What the question is about</legend>
          {choices.map((choice) => (
            <label key={choice.about} className="row">
              <input
                type="radio"
                name="about"
                checked={about === choice.about}
                onChange={() => setAbout(choice.about)}
              />
              {choice.title}
            </label>
          ))}
        </fieldset>
        <div className="row ask-fields">
          <TextField
            label={choices.find((choice) => choice.about === about)?.label}
            place="grow"
            value={which}
            onChange={setWhich}
            required
            maxLength={100}
            spellCheck={false}
          />
          <TextField label="From" type="datetime-local" value={from} onChange={setFrom} required />
          <TextField label="Until before" type="datetime-local" value={to} onChange={setTo} required />
          <button type="submit" className="button" disabled={!isOrdered}>
            Show
          </button>
        </div>
        {!isOrdered && <Fault words="The first time is not before the last." />}
      </form>
    </search>
  );
};
