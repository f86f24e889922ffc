import type { FastifyInstance } from "fastify";
import { uuid } from "#domain/entry/entry.ts";
import { readBody } from "#domain/kinds.ts";
import { paperKinds } from "#domain/paper/entries.ts";
import {
  formCheck,
  formSendBack,
  formTranscription,
  type MatchedRecord,
  matchRequest,
  type WaitingTranscription,
} from "#protocol/control/paper.ts";
import type { ChainRun } from "#protocol/push.ts";
import { readEntry } from "#sync/envelope.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { type KnownForm, readForm, readForms } from "../../paper/accounts.ts";
import { admitForm, runOf, subjectOf } from "../../paper/admitting.ts";
import { findMatches, matchOf } from "../../paper/matches.ts";
import type { HeldRun } from "../../paper/paper-runs.ts";
import { differsFrom } from "../../paper/second-reading.ts";
import type { FormSubject } from "../../paper/subjects.ts";
import { changedMeanwhile, type DeskCall, deskCall } from "./desk-call.ts";
import { namesOf } from "./history.ts";
import { alreadyIs, formCall } from "./paper-form-routes.ts";
import { readRecord } from "./read-record.ts";

const config = { action: "enter-paper" } as const;
/** States in which a form may be transcribed. */
const mayBegin: ReadonlySet<KnownForm["state"]> = new Set(["in-store", "out", "lost", "sent-back"]);

/** From the paper into the record: one transcribes, another checks, and only then does it count. */
export const paperEntryRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.post("/control/v1/paper/matches", { config, bodyLimit: 4_000 }, async (request) => {
    const { cell, principal, noteAccess } = await deskCall(cells, request);
    const asked = parseMessage(matchRequest, request.body);
    const found = await findMatches(cell, asked);
    await noteAccess("desk-read", { recordIds: [...found.keys()], detail: `matches of form ${asked.number}` });
    const records: MatchedRecord[] = [];
    for (const [recordId, why] of found) {
      const entries = (await readRecord(cell, recordId)).map(({ entry }) => entry);
      const end = await cell.paperRuns.endOf(recordId, principal.deviceId);
      const match = matchOf(entries, why, { at: asked.at, end, isRestricted: cell.restricted.has(recordId) });
      if (match !== undefined) records.push(match);
    }
    return { records };
  });

  app.post("/control/v1/paper/forms/:number/transcription", { config }, async (request) => {
    const call = await formCall(cells, request);
    const { cell, log, by, form, change } = call;
    const { run, about, expected } = parseMessage(formTranscription, request.body);
    // The answer to the first attempt was lost.
    if (form.state === "waiting" && form.run?.head === run.head.hash) return { position: form.position };
    if (!mayBegin.has(form.state)) throw alreadyIs(form, (await namesOf(log)).person);
    if (form.position !== expected) throw changedMeanwhile();
    checkRun(call, form, run);
    const { recordId, deviceId, entries, head } = run;
    const asHeld: HeldRun = { recordId, deviceId, head: head.hash, entries: entries.length };
    // An attempt that failed after its entries were stored comes again with the same: they are this form's still.
    const isHeld = (await cell.paperRuns.read(asHeld)) !== undefined;
    await checkRecord(call, run, about, isHeld);
    const code = isHeld ? undefined : await cell.paperRuns.hold(run);
    if (code !== undefined) throw notSound(code);
    const state: FormSubject = {
      state: "waiting",
      recordId,
      run: asHeld,
      about,
      transcribedBy: by.userId!,
      transcribedAt: new Date().toISOString(),
    };
    const position = await change("paper-transcribe", [
      { kind: "paper-form", id: form.number, state, by, reason: "Transcribed", expected },
    ]);
    return { position };
  });

  app.get(
    "/control/v1/paper/forms/:number/transcription",
    { config },
    async (request): Promise<WaitingTranscription> => {
      const { cell, form, noteAccess } = await formCall(cells, request);
      const run = runOf(form);
      if (run === undefined || !["waiting", "sent-back"].includes(form.state)) throw notWaiting();
      await noteAccess("desk-read", { recordIds: [run.recordId], detail: `form ${form.number}` });
      const entries = await cell.paperRuns.read(run);
      if (entries === undefined) throw notWaiting();
      return { entries, about: form.about === true, position: form.position };
    },
  );

  app.post("/control/v1/paper/forms/:number/check", { config, bodyLimit: 4_000 }, async (request) => {
    const { cell, log, by, form, change, noteAccess } = await formCall(cells, request);
    const { expected, ...typed } = parseMessage(formCheck, request.body);
    const run = runOf(form);
    if (form.state === "entered") throw alreadyIs(form, (await namesOf(log)).person);
    if (run === undefined || form.state !== "waiting") throw notWaiting();
    if (form.position !== expected) throw changedMeanwhile();
    if (form.transcribedBy === by.userId)
      throw new ProblemError(
        403,
        "own-transcription",
        "Nobody checks what they transcribed themselves.",
        "Leave it to another person.",
      );
    await noteAccess("desk-read", { recordIds: [run.recordId], detail: `form ${form.number}` });
    const entries = await cell.paperRuns.read(run);
    if (entries === undefined) throw notWaiting();
    const into = form.about === true ? (await readRecord(cell, run.recordId)).map(({ entry }) => entry) : undefined;
    const read = entries.flatMap((text) => readEntry(text).entry ?? []);
    const differs = differsFrom(read, typed, into);
    if (differs.length > 0)
      throw new ProblemError(
        409,
        "not-the-same",
        `You read something else than what stands there: ${differs.join(", ")}.`,
        "Look at the paper again. If you still read it so, send the form back.",
      );
    const state: FormSubject = {
      ...subjectOf(form),
      state: "checked",
      checkedBy: by.userId!,
      checkedAt: new Date().toISOString(),
    };
    await change("paper-check", [
      { kind: "paper-form", id: form.number, state, by, reason: "Checked against the paper", expected },
    ]);
    const code = await admitForm(cell.paperRuns, log, (await readForm(log, form.number))!, by);
    if (code === undefined) return { recordId: run.recordId };
    throw new ProblemError(
      503,
      "not-in-yet",
      "The form is checked, and not in the record yet.",
      `It is tried again by itself. If it stays so, tell who runs the server: ${code}.`,
      2_000,
    );
  });

  app.post("/control/v1/paper/forms/:number/send-back", { config, bodyLimit: 4_000 }, async (request) => {
    const { by, form, change } = await formCall(cells, request);
    const { reason, expected } = parseMessage(formSendBack, request.body);
    if (form.state !== "waiting") throw notWaiting();
    const state: FormSubject = { ...subjectOf(form), state: "sent-back" };
    return {
      position: await change("paper-send-back", [{ kind: "paper-form", id: form.number, state, by, reason, expected }]),
    };
  });
};

/** The run is this desk's, and every entry of it says that this person read it off this form. */
const checkRun = ({ principal, by }: DeskCall, form: KnownForm, run: ChainRun): void => {
  if (run.deviceId !== principal.deviceId || run.sealed !== undefined) throw notSound("other-device");
  for (const text of run.entries) {
    const { entry } = readEntry(text);
    if (entry === undefined || entry.deviceId !== run.deviceId || entry.recordId !== run.recordId)
      throw notSound("unreadable");
    const { transcribedBy } = entry.author;
    const isOfForm = transcribedBy?.paper === form.number && transcribedBy.userId === by.userId;
    if (!isOfForm) throw notSound("other-form");
    if (!paperKinds.has(entry.kind) || readBody(entry) === null) throw notSound(`kind-${entry.kind}`);
  }
};

/** A form begins a record of its own, or goes on with one that is there: one chain of this desk at a time. */
const checkRecord = async ({ cell, log }: DeskCall, run: ChainRun, about: boolean, isHeld: boolean): Promise<void> => {
  const { recordId } = run;
  if (!uuid.safeParse(recordId).success) throw notSound("record");
  if (!isHeld && (await cell.knownRecords([recordId])).has(recordId) !== about) throw notSound("record");
  if (!about) return;
  const { forms } = await readForms(log);
  const waits = forms.some(
    (each) =>
      ["waiting", "checked"].includes(each.state) && each.recordId === recordId && each.run?.deviceId === run.deviceId,
  );
  if (!waits) return;
  throw new ProblemError(
    409,
    "record-waits",
    "Another form of this record, transcribed at this desk, waits for its check.",
    "Have that one checked first, or transcribe this one at another desk.",
  );
};

const notSound = (code: string): ProblemError =>
  new ProblemError(400, "not-sound", `The transcription cannot be taken: ${code}.`, "Reload this page and try again.");

const notWaiting = (): ProblemError =>
  new ProblemError(
    409,
    "not-waiting",
    "No transcription of this form waits for a check.",
    "See what became of it: type its number again.",
  );
