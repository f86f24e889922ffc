import { isDeepStrictEqual } from "node:util";
import { pick } from "#demo/random.ts";
import type { Entry } from "#domain/entry/entry.ts";
import { paperOfEntries } from "#domain/paper/entries.ts";
import type { PaperForm } from "#domain/paper/form.ts";
import { readPaperNumber } from "#domain/paper/number.ts";
import type { FormRow, MatchedRecord, WaitingTranscription } from "#protocol/control/paper.ts";
import type { TestAnswer } from "../boot.ts";
import type { TestDesk } from "../desk.ts";
import { paperRun } from "../paper-forms.ts";
import type { TrueForm } from "./ledger.ts";
import { misread, slip } from "./typing.ts";

/** What the two clerks share: the pile of paper, and the forms that wait for a check, by who transcribed them. */
export interface Office {
  pile: TrueForm[];
  waiting: { form: TrueForm; by: string }[];
  counts: Record<string, number>;
}

export interface Clerk {
  desk: TestDesk;
  userId: string;
  name: string;
  random: () => number;
}

const count = ({ counts }: Office, what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1;
};

/** Works until the pile and the queue are empty: mostly types, sometimes checks what the other one typed. */
export const work = async (clerk: Clerk, office: Office): Promise<void> => {
  while (office.pile.length + office.waiting.length > 0) {
    const own = office.waiting.findIndex(({ by }) => by !== clerk.userId);
    if (own >= 0 && (office.pile.length === 0 || clerk.random() < 0.5)) {
      const [{ form }] = office.waiting.splice(own, 1) as [Office["waiting"][number]];
      await check(clerk, office, form);
    } else {
      const form = office.pile.shift();
      // Only what this clerk typed is left: the other one checks it.
      if (form === undefined) return;
      await transcribe(clerk, office, form);
    }
  }
};

const okay = (answer: TestAnswer, ...codes: string[]): string | undefined => {
  if (answer.status === 200) return undefined;
  const { code } = answer.json<{ code: string }>();
  if (codes.includes(code)) return code;
  throw new Error(`answered ${answer.status}: ${answer.text}`);
};

/** Types the number until it reads; what is wrong is refused here, and at the server too. */
const typeNumber = async ({ desk, random }: Clerk, office: Office, { number }: TrueForm): Promise<FormRow> => {
  for (;;) {
    const typed = random() < 0.15 ? slip(number, random) : number;
    const read = readPaperNumber(typed);
    if ("fault" in read) {
      count(office, "numbers typed wrongly");
      const sent = await desk.get(`paper/forms/${typed}`);
      if (sent.status === 200) throw new Error(`${typed} was taken for a number`);
      continue;
    }
    if (read.text !== number) throw new Error(`${number} was typed as ${typed}, and reads`);
    const answer = await desk.get(`paper/forms/${number}`);
    okay(answer);
    return answer.json<FormRow>();
  }
};

const transcribe = async (clerk: Clerk, office: Office, form: TrueForm): Promise<void> => {
  const { desk, random } = clerk;
  const row = await typeNumber(clerk, office, form);
  const path = `paper/forms/${form.number}`;
  if (form.fate !== "used") {
    // A lost form is not in the pile; what the desk knows of it is that the vehicle's pack is short by one.
    const say = { state: form.fate, reason: "Counted with the vehicle's crew", expected: row.position };
    if (okay(await desk.post(`${path}/account`, say), "changed-meanwhile")) count(office, "accounts refused as stale");
    return;
  }
  if (row.state === "waiting" || row.state === "checked" || row.state === "entered") {
    count(office, "duplicates seen before typing");
    return;
  }
  const read = random() < 0.16 ? misread(form.paper, random) : form.paper;
  if (read !== form.paper) count(office, "forms misread");
  const about = await matchOf(desk, form, read);
  const by = { userId: clerk.userId, name: clerk.name };
  const run = await paperRun(desk, { form: read, number: form.number, by, about });
  const body = { run, about: about !== undefined, expected: row.position };
  const refused = okay(
    await desk.post(`${path}/transcription`, body),
    "changed-meanwhile",
    "already-accounted",
    "record-waits",
  );
  if (refused === "record-waits") office.pile.push(form);
  if (refused !== undefined) return count(office, `transcriptions refused: ${refused}`);
  if (about !== undefined) count(office, "forms that went on with a record made meanwhile");
  if (random() < 0.05) {
    count(office, "transcriptions sent twice");
    okay(await desk.post(`${path}/transcription`, body), "already-accounted");
  }
  office.waiting.push({ form, by: clerk.userId });
};

/** The record made meanwhile, as the desk suggests it: what the clerk would take. */
const matchOf = async (desk: TestDesk, { number, meanwhile }: TrueForm, read: PaperForm) => {
  const { at, cadNumber, patient } = read;
  const { familyName, nhsNumber, birthDate } = patient;
  const asked = {
    number,
    at,
    cadNumber,
    familyName,
    ...(nhsNumber && "is" in nhsNumber && { nhsNumber: nhsNumber.is }),
    ...(birthDate && "is" in birthDate && { birthDate: birthDate.is }),
  };
  const answer = await desk.post("paper/matches", asked);
  okay(answer);
  // Another form's record of the same wrong number is not the same contact: the clerk compares the call.
  const found = answer.json<{ records: MatchedRecord[] }>().records;
  return found.find((match) => match.cadNumber === cadNumber && meanwhile !== undefined);
};

/** Holds the paper beside the screen: reads who it is once more, blind, and compares the rest. */
const check = async (clerk: Clerk, office: Office, form: TrueForm): Promise<void> => {
  const { desk, random } = clerk;
  const path = `paper/forms/${form.number}`;
  const answer = await desk.get(`${path}/transcription`);
  if (okay(answer, "not-waiting")) return count(office, "checks that came too late");
  const { entries, position, about } = answer.json<WaitingTranscription>();
  const shown = paperOfEntries(entries.map((text) => JSON.parse(text) as Entry))!;
  const { familyName = "", nhsNumber, birthDate } = form.paper.patient;
  const is = (said: { is: string } | object | undefined) => (said && "is" in said ? said.is : "");
  const { cadNumber = "" } = form.paper;
  const typed = { cadNumber, familyName, nhsNumber: is(nhsNumber), birthDate: is(birthDate), expected: position };
  const isRight =
    isDeepStrictEqual({ ...shown, ...toldNoAgain(about, form.paper) }, form.paper) &&
    about === (form.meanwhile !== undefined);
  // The eye is not always there, and then the blind reading has to hold: who the patient is is never passed wrong.
  const looks = random() < 0.4;
  if (isRight || !looks) {
    const post = () => desk.post(`${path}/check`, typed);
    const answers = random() < 0.1 ? await Promise.all([post(), post()]) : [await post()];
    const codes = answers.map((each) =>
      okay(each, "not-the-same", "changed-meanwhile", "not-waiting", "already-accounted"),
    );
    if (codes.includes(undefined)) {
      count(office, isRight ? "forms checked" : "forms passed with something wrong");
      return;
    }
    if (isRight) throw new Error(`a right form was refused: ${codes}`);
    count(office, "readings that differed");
  }
  const sent = { reason: "The paper says something else", expected: position };
  if (okay(await desk.post(`${path}/send-back`, sent), "changed-meanwhile", "not-waiting") === undefined) {
    count(office, "forms sent back");
    office.pile.splice(Math.floor(random() * office.pile.length), 0, form);
  }
};

/** A form that goes on with a record does not tell its call again. */
const toldNoAgain = (about: boolean, { callSign, crew, cadNumber }: PaperForm): Partial<PaperForm> =>
  about ? { callSign, crew, ...(cadNumber !== undefined && { cadNumber }) } : {};

export const shuffled = <T>(list: readonly T[], random: () => number): T[] => {
  const left = [...list];
  return list.map(() => left.splice(left.indexOf(pick(left, random)), 1)[0]!);
};
