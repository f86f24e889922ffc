import { type Actor, type ControlLog, StaleSubject } from "../logs/control-log.ts";
import type { KnownForm } from "./accounts.ts";
import type { HeldRun, PaperRuns } from "./paper-runs.ts";
import type { FormSubject } from "./subjects.ts";

/** The run of a form that has one. */
export const runOf = ({ recordId, run }: Pick<FormSubject, "recordId" | "run">): HeldRun | undefined =>
  recordId === undefined || run === undefined ? undefined : { recordId, ...run };

/** What a control line holds of a form, out of what is known of it. */
export const subjectOf = (form: KnownForm): FormSubject => {
  const { number: _number, pack: _pack, since: _since, position: _position, state, ...rest } = form;
  return { ...rest, state: state === "in-store" ? "out" : state };
};

/**
 * Takes a checked form into its record, and says so in the control log. A server that ended between the two is caught up with by
 * whoever does this next: the run is the same bytes each time. Resolves to what stands in the way, if something does.
 */
export const admitForm = async (
  runs: PaperRuns,
  log: ControlLog,
  form: KnownForm,
  by: Actor = {},
): Promise<string | undefined> => {
  const run = runOf(form);
  const code = run === undefined ? "not-here" : await runs.admit(run);
  if (code !== undefined) return code;
  const state: FormSubject = { ...subjectOf(form), state: "entered" };
  const line = { kind: "paper-form", id: form.number, state, by, expected: form.position } as const;
  await log.append([line]).catch((error: unknown) => {
    // Somebody else said so first.
    if (!(error instanceof StaleSubject)) throw error;
  });
  return undefined;
};

/** Catches up with the forms that were checked and are not in their records yet. Resolves to whether there were any; normally not. */
export const finishChecked = async (
  runs: PaperRuns,
  log: ControlLog,
  forms: readonly KnownForm[],
): Promise<boolean> => {
  const checked = forms.filter(({ state }) => state === "checked");
  for (const form of checked) await admitForm(runs, log, form).catch(() => {});
  return checked.length > 0;
};
