import { useCallback, useEffect, useState } from "react";
import { scoreNews2, spo2ScaleAt } from "#domain/observations/news2.ts";
import { oddities } from "#domain/observations/oddities.ts";
import { news2Population } from "#domain/observations/population.ts";
import { ageSexText } from "#domain/patient/age.ts";
import { useNow } from "#ui/age.ts";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { patientName } from "../record/patient-words.ts";
import { type Field, fieldOf, morePage, vitalsPage } from "./fields.ts";
import { ObsFooter } from "./obs-footer.tsx";
import { ObsKeypad } from "./obs-keypad.tsx";
import {
  emptyPad,
  hasAnswers,
  nextField,
  type ObsPadEvent,
  observationsOf,
  settledObservationsOf,
  updateObsPad,
} from "./obs-pad-state.ts";
import { ObsRow } from "./obs-row.tsx";
import { ScaleSheet } from "./scale-sheet.tsx";
import "./obs.css";

const taken = [0, 1, 2, 5] as const;

/** A set of observations by hand: one screen, no scroll, the pad moves on by itself and the score is live. */
export const ObsScreen = () => {
  const { record, write, go } = useSession();
  const [pad, setPad] = useKept("obs", emptyPad);
  const send = useCallback((event: ObsPadEvent) => setPad((before) => updateObsPad(before, event)), [setPad]);
  const [deciding, setDeciding] = useKept("deciding scale", false);
  const [saving, setSaving] = useState(false);
  const nowMs = useNow(10_000);
  const last = record.observations.at(-1);
  const body = observationsOf(pad);
  const settled = settledObservationsOf(pad);
  // The instant that saving would write, not the ticking clock's: a decision of a second ago is in force.
  const takenAt = new Date(Date.now() - pad.minutesAgo * 60_000).toISOString();
  const scale = spo2ScaleAt(record, takenAt);
  const population = news2Population(record.patient?.body, takenAt);
  const score = population === "adult" ? scoreNews2(settled, scale) : { notFor: population };
  const parts = "parts" in score ? score.parts : {};
  const fields: readonly Field[] = pad.page === "vitals" ? vitalsPage : morePage;

  const save = async () => {
    if (saving || !hasAnswers(pad)) return;
    setSaving(true);
    const occurredAt = new Date(Date.now() - pad.minutesAgo * 60_000).toISOString();
    await write("observations", body, { occurredAt, undo: "Observations" });
    setSaving(false);
    go("timeline");
  };

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (/^\d$/.test(event.key)) send({ type: "digit", digit: event.key });
      else if (event.key === "Backspace") send({ type: "backspace" });
      else if (event.key === "+" || event.key === "-") send({ type: "step", by: event.key === "+" ? 1 : -1 });
      else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) send({ type: "next" });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [send]);

  return (
    <div className="screen">
      <header className="bar-top">
        <button type="button" className="btn quiet" onClick={() => go("timeline")}>
          Cancel
        </button>
        <h1>Observations</h1>
        <span className="small">
          {patientName(record.patient?.body)} · {ageSexText(record.patient?.body, new Date(nowMs).toISOString())}
        </span>
        <span className="grow" />
        <button
          type="button"
          className="btn"
          onClick={() => send({ type: "page", page: pad.page === "more" ? "vitals" : "more" })}
        >
          {pad.page === "more" ? "Vital signs" : "GCS, glucose …"}
        </button>
        <fieldset className="chips">
          <legend className="words-only">Taken</legend>
          {taken.map((minutes) => (
            <button
              key={minutes}
              type="button"
              className="btn plain-check"
              aria-pressed={pad.minutesAgo === minutes}
              aria-label={minutes === 0 ? `Taken now, ${clockTime(nowMs)}` : `Taken ${minutes} minutes ago`}
              onClick={() => send({ type: "taken", minutesAgo: minutes })}
            >
              {minutes === 0 ? `now ${clockTime(nowMs)}` : `−${minutes}`}
            </button>
          ))}
        </fieldset>
      </header>
      <main className="obs-pad">
        <section className="card fields" aria-label="Fields">
          {fields
            .filter((field) => field.id !== "diastolic")
            .map((field) => (
              <ObsRow
                key={field.id}
                field={field}
                pad={pad}
                send={send}
                last={last?.known.body}
                lastAt={last?.entry.occurredAt}
                score={scoredBy(field, parts)}
                scale={scale}
                onScale={() => setDeciding(true)}
              />
            ))}
        </section>
        <ObsKeypad pad={pad} send={send} active={fieldOf(pad.active)} next={fieldOf(nextField(pad))} />
      </main>
      <ObsFooter
        score={score}
        oddities={oddities(settled).map((odd) => odd.message)}
        canSave={hasAnswers(pad) && !saving}
        onSave={() => void save()}
      />
      {deciding ? <ScaleSheet current={scale} onClose={() => setDeciding(false)} /> : null}
    </div>
  );
};

type Parts = Partial<Record<string, { score: number }>>;
const scoredBy = (field: Field, parts: Parts): number | undefined => parts[field.id]?.score;
