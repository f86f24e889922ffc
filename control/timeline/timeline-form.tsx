import { type FormEvent, useState } from "react";
import { Fault } from "#ui/fault.tsx";
import { TextField } from "#ui/text-field.tsx";
import { localText } from "../parts/local-text.ts";

/** One question to the timeline, as the server's query names it. */
export interface Asked {
  device?: string;
  account?: string;
  record?: string;
  from: string;
  to: string;
}

const fields = [
  { name: "device", label: "Device id" },
  { name: "account", label: "User id" },
  { name: "record", label: "Record id" },
] as const;
const dayMs = 86_400_000;

export const TimelineForm = ({ onAsk }: { onAsk: (asked: Asked) => void }) => {
  const [which, setWhich] = useState({ device: "", account: "", record: "" });
  const [from, setFrom] = useState(() => localText(Date.now() - dayMs));
  const [to, setTo] = useState(() => localText(Date.now() + dayMs / 24));
  const isOrdered = from < to;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const named = Object.entries(which).flatMap(([name, text]) => (text.trim() === "" ? [] : [[name, text.trim()]]));
    const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    onAsk({ ...Object.fromEntries(named), ...times });
  };
  return (
    <search>
      <form className="stack" onSubmit={submit}>
        <div className="row ask-fields">
          {fields.map(({ name, label }) => (
            <label key={name} className="field grow">
              {label}
              <input
                value={which[name]}
                onChange={(event) => setWhich({ ...which, [name]: event.target.value })}
                maxLength={100}
                autoComplete="off"
                spellCheck={false}
              />
            </label>
          ))}
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
