import type { No } from "#domain/entry/answer.ts";
import type { Presentation } from "#domain/presentation/presentation.ts";

export type NoWord = No["no"];
interface TextAnswer {
  text: string;
  no: NoWord | undefined;
}
export interface PresentationForm {
  concern: string;
  onset: Presentation["onset"];
  mechanism: string;
  findings: string;
  history: TextAnswer;
  pastHistory: TextAnswer;
  medication: TextAnswer;
}

const textAnswer = (answer: { is: string } | No | undefined): TextAnswer => ({
  text: answer !== undefined && "is" in answer ? answer.is : "",
  no: answer !== undefined && "no" in answer ? answer.no : undefined,
});

export const presentationForm = (body: Presentation | undefined): PresentationForm => ({
  concern: body?.concern ?? "",
  onset: body?.onset,
  mechanism: body?.mechanism ?? "",
  findings: body?.findings ?? "",
  history: textAnswer(body?.history),
  pastHistory: textAnswer(body?.pastHistory),
  medication: textAnswer(body?.medication),
});

/** Some minutes before now, on the whole minute: an onset is never known to the second. */
export const onsetAt = (minutesAgo: number, nowMs: number): string =>
  new Date(Math.floor(nowMs / 60_000 - minutesAgo) * 60_000).toISOString();

const answerOf = ({ text, no }: TextAnswer): { is: string } | No | undefined => {
  if (text.trim() !== "") return { is: text.trim() };
  return no === undefined ? undefined : { no };
};

/** The body of kind `presentation`; what was not asked on this form is left out and stays "not recorded". */
export const readPresentation = (form: PresentationForm): Presentation => {
  const body: Presentation = { concern: form.concern.trim() };
  if (form.onset !== undefined) body.onset = form.onset;
  if (form.mechanism.trim()) body.mechanism = form.mechanism.trim();
  if (form.findings.trim()) body.findings = form.findings.trim();
  for (const key of ["history", "pastHistory", "medication"] as const) {
    const answer = answerOf(form[key]);
    if (answer !== undefined) body[key] = answer;
  }
  return body;
};
