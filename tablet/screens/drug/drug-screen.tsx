import { useState } from "react";
import { quantityText } from "#domain/medication/dose.ts";
import { guardsBeforeGiving } from "#domain/medication/guards.ts";
import { drugKey, drugTotals, totalText } from "#domain/medication/totals.ts";
import { useNow } from "#ui/age.ts";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { ScreenHeader } from "../../shell/screen-header.tsx";
import { offered } from "./analgesics.ts";
import { DrugChoices } from "./drug-choices.tsx";
import { DrugList } from "./drug-list.tsx";
import { chooseDrug, type DrugForm, drugBody, drugNames, emptyDrug } from "./drug-state.ts";
import { Guards } from "./guards.tsx";
import "./drug.css";

const taken = [0, 1, 2, 5] as const;

/** A drug that was given: which, how much, by which way. Guards speak before; what was given is always recorded. */
export const DrugScreen = ({ start }: { start: string | undefined }) => {
  const { record, enrolment, write, go } = useSession();
  const { formulary } = enrolment;
  const [form, setForm] = useKept<DrugForm>("drug", () => startingForm(formulary, start));
  const [saving, setSaving] = useState(false);
  const now = useNow(10_000);
  const occurredAt = new Date(now - form.minutesAgo * 60_000).toISOString();
  const plain = drugBody(form, []);
  const guards =
    plain === null
      ? []
      : guardsBeforeGiving(record, plain, {
          allergens: form.item?.allergens ?? [],
          doses: form.item?.doses ?? [],
          at: occurredAt,
          deviceId: enrolment.deviceId,
        });
  const body = drugBody(form, guards);
  const total = drugTotals(record).find((one) => form.drug !== null && drugKey(one.drug) === drugKey(form.drug));

  const save = async () => {
    if (body === null || saving) return;
    setSaving(true);
    const at = new Date(Date.now() - form.minutesAgo * 60_000).toISOString();
    await write("drug", body, { occurredAt: at, undo: `${body.drug} ${clockTime(at)}` });
    setSaving(false);
    go("timeline");
  };

  return (
    <div className="screen">
      <ScreenHeader title="Drug given">
        <fieldset className="chips">
          <legend className="words-only">Given</legend>
          {taken.map((minutes) => (
            <button
              key={minutes}
              type="button"
              className="btn plain-check"
              aria-pressed={form.minutesAgo === minutes}
              aria-label={minutes === 0 ? `Given now, ${clockTime(now)}` : `Given ${minutes} minutes ago`}
              onClick={() => setForm({ ...form, minutesAgo: minutes })}
            >
              {minutes === 0 ? `now ${clockTime(now)}` : `−${minutes}`}
            </button>
          ))}
        </fieldset>
      </ScreenHeader>
      <main className="drug">
        <DrugList
          names={offered(drugNames(formulary), start === "analgesia")}
          chosen={form.drug}
          onChoose={(drug) => setForm(chooseDrug(form, formulary, drug))}
        />
        <section className="drug-form" aria-label="Details">
          {form.drug === null ? (
            <p className="small">Choose a drug. The most used come first.</p>
          ) : (
            <>
              <Guards
                guards={guards}
                passed={form.passed}
                onPass={(message, reason) => setForm({ ...form, passed: { ...form.passed, [message]: reason } })}
              />
              <DrugChoices form={form} onChange={setForm} />
            </>
          )}
        </section>
      </main>
      <footer className="bar-bottom">
        <div>
          <b>
            {form.drug ?? "No drug chosen"}
            {form.dose === null ? "" : ` ${quantityText(form.dose)}`}
            {form.route === null ? "" : `, ${form.route}`}
          </b>
          <div className="small">
            {total === undefined ? "First dose in this record" : `So far: ${totalText(total)}`}
          </div>
        </div>
        <span className="grow" />
        {enrolment.demonstration ? <span className="chip wait">Demonstration formulary: not for use</span> : null}
        <button
          type="button"
          className="btn primary big"
          disabled={body === null || saving}
          onClick={() => void save()}
        >
          Record given
        </button>
      </footer>
    </div>
  );
};

const startingForm = (formulary: Parameters<typeof chooseDrug>[1], start: string | undefined): DrugForm => {
  const named = drugNames(formulary).find((drug) => start !== undefined && drugKey(drug) === drugKey(start));
  return named === undefined ? emptyDrug : chooseDrug(emptyDrug, formulary, named);
};
