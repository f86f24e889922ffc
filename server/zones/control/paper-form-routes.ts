import type { FastifyInstance, FastifyRequest } from "fastify";
import * as z from "zod/mini";
import { readPaperNumber } from "#domain/paper/number.ts";
import { pageQuery } from "#protocol/control/page.ts";
import { type FormRow, type FormsResponse, formAccount, numberText } from "#protocol/control/paper.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { countStates, formRowOf, isOpen, type KnownForm, readForm, readForms } from "../../paper/accounts.ts";
import { finishChecked } from "../../paper/admitting.ts";
import type { FormSubject } from "../../paper/subjects.ts";
import { lettersOf } from "../../trusts.ts";
import { type DeskCall, deskCall } from "./desk-call.ts";
import { actorName, historyOf, namesOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

const config = { action: "enter-paper" } as const;
const byNumber = z.object({ number: numberText });

/** A call about one form. Rejects with 400 for a wrong check digit and 404 for a number nobody printed, each with what to do. */
export const formCall = async (cells: Cells, request: FastifyRequest): Promise<DeskCall & { form: KnownForm }> => {
  const call = await deskCall(cells, request);
  const { number } = parseMessage(byNumber, request.params);
  const read = readPaperNumber(number);
  if ("fault" in read)
    throw new ProblemError(
      400,
      "check-digit",
      "A digit of this number is wrong, or two are swapped.",
      "Look at the form and type the number again, or scan it.",
    );
  if (read.number.letters !== lettersOf(call.cell.trust))
    throw new ProblemError(400, "other-trust", "This form is another trust's.", "Send it to that trust.");
  const form = await readForm(call.log, number);
  if (form !== undefined) return { ...call, form };
  throw new ProblemError(
    404,
    "unknown-pack",
    "The number is right, and no pack with it is known here.",
    "It was printed without the base: make its pack known first, from its cover.",
  );
};

/** Refuses what is about a form that is past it, and says who did what with it and when. */
export const alreadyIs = (form: KnownForm, names: (userId: string) => string): ProblemError => {
  const { transcribedBy, transcribedAt, checkedBy, state } = form;
  const who = transcribedBy === undefined ? "" : ` Transcribed by ${names(transcribedBy)}, ${transcribedAt}.`;
  const check = checkedBy === undefined ? "" : ` Checked by ${names(checkedBy)}.`;
  return new ProblemError(
    409,
    "already-accounted",
    `This number is ${stateWords[state]} already, so nothing was changed.${who}${check}`,
    "If the paper in your hand says something else than what was entered, show both to the continuity lead.",
  );
};

const stateWords: Record<KnownForm["state"], string> = {
  "in-store": "in the store",
  out: "out",
  waiting: "transcribed",
  "sent-back": "sent back",
  checked: "checked",
  entered: "entered",
  void: "called void",
  lost: "called lost",
  "not-used": "called not used",
};

/** One number at a time, and the numbers that nobody has accounted for. */
export const paperFormRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/paper/forms", { config }, async (request): Promise<FormsResponse> => {
    const { cell, log, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const [found, names] = await Promise.all([readForms(log), namesOf(log)]);
    const { forms } = (await finishChecked(cell.paperRuns, log, found.forms)) ? await readForms(log) : found;
    const open = forms.filter(({ state }) => isOpen(state)).map((form) => formRowOf(form, names.person));
    await noteAccess("paper-forms");
    const columns = {
      since: (row: FormRow) => row.since,
      number: (row: FormRow) => row.number,
      state: (row: FormRow) => row.state,
      vehicle: (row: FormRow) => row.vehicle,
      pack: (row: FormRow) => row.pack,
    };
    const page = pageRowsOf(open, query, columns, (row) => [row.number, row.vehicle, row.heldBy, row.state]);
    return { ...page, counts: countStates(forms) };
  });

  app.get("/control/v1/paper/forms/:number", { config }, async (request): Promise<FormRow> => {
    const { log, form, noteAccess } = await formCall(cells, request);
    const [history, names] = await Promise.all([log.history("paper-form", form.number), namesOf(log)]);
    await noteAccess("paper-form", { detail: `form ${form.number}` });
    const last = history.at(-1);
    const by = last && { by: actorName(names, last.by), reason: last.reason };
    return formRowOf(form, names.person, by);
  });

  app.get("/control/v1/paper/forms/:number/history", { config }, async (request) => {
    const { log, form, noteAccess } = await formCall(cells, request);
    await noteAccess("paper-form-history", { detail: `form ${form.number}` });
    return { lines: await historyOf(log, "paper-form", form.number) };
  });

  app.post("/control/v1/paper/forms/:number/account", { config, bodyLimit: 4_000 }, async (request) => {
    const { log, by, form, change } = await formCall(cells, request);
    const { state, reason, expected } = parseMessage(formAccount, request.body);
    const names = await namesOf(log);
    if (["waiting", "checked", "entered"].includes(form.state)) throw alreadyIs(form, names.person);
    // A transcription that was sent back ends with it: its run is in no record, and never will be.
    const next: FormSubject = { state };
    return {
      position: await change(`paper-${state}`, [
        { kind: "paper-form", id: form.number, state: next, by, reason, expected },
      ]),
    };
  });
};
