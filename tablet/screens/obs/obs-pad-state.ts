import type { Gcs, Observations } from "#domain/observations/observations.ts";
import { type FieldId, fieldOf, morePage, type NotDoneReason, type NumberField, vitalsPage } from "./fields.ts";

/** What was answered for one field. Digits are kept exactly as they were typed. */
export type Answer = { digits: string } | { choice: string; reconfirmed?: true } | { notDone: NotDoneReason };

export interface ObsPad {
  page: "vitals" | "more";
  active: FieldId;
  /** The next digit starts the field anew: it was complete, or has just been chosen. */
  fresh: boolean;
  /** The pad shows the reasons for "not done" instead of the digits. */
  asking: boolean;
  minutesAgo: 0 | 1 | 2 | 5;
  answers: Partial<Record<FieldId, Answer>>;
}

export type ObsPadEvent =
  | { type: "focus"; field: FieldId }
  | { type: "digit"; digit: string }
  | { type: "backspace" }
  | { type: "step"; by: 1 | -1 }
  | { type: "choose"; field: FieldId; choice: string }
  | { type: "same"; field: "inspired" | "acvpu"; choice: string }
  | { type: "next" }
  | { type: "ask-not-done" }
  | { type: "not-done"; reason: NotDoneReason }
  | { type: "taken"; minutesAgo: ObsPad["minutesAgo"] }
  | { type: "page"; page: ObsPad["page"] };

export const emptyPad: ObsPad = {
  page: "vitals",
  active: "respirations",
  fresh: true,
  asking: false,
  minutesAgo: 0,
  answers: {},
};

const pageOf = (pad: ObsPad) => (pad.page === "vitals" ? vitalsPage : morePage);

/** The field after the active one on this page; the last stays. */
export const nextField = (pad: ObsPad): FieldId => {
  const fields = pageOf(pad);
  const at = fields.findIndex((field) => field.id === pad.active);
  return (fields[at + 1] ?? fields[at]!).id;
};

const moveOn = (pad: ObsPad): ObsPad => ({ ...pad, active: nextField(pad), fresh: true, asking: false });
const answered = (pad: ObsPad, field: FieldId, answer: Answer): ObsPad => ({
  ...pad,
  answers: { ...pad.answers, [field]: answer },
});

export const digitsOf = (pad: ObsPad, field: FieldId): string => {
  const answer = pad.answers[field];
  return answer !== undefined && "digits" in answer ? answer.digits : "";
};

/** Typed digits as the number they mean, with its decimal point; `36.0` keeps its zero. */
export const valueText = (field: NumberField, digits: string): string => {
  if (field.tenths === "after-two" && digits.length > 2) return `${digits.slice(0, 2)}.${digits.slice(2)}`;
  if (field.tenths === "last" && digits.length > 1) return `${digits.slice(0, -1)}.${digits.slice(-1)}`;
  return digits;
};

const typeDigit = (pad: ObsPad, digit: string): ObsPad => {
  const field = fieldOf(pad.active);
  if (field.kind !== "number" || !/^\d$/.test(digit)) return pad;
  const before = pad.fresh ? "" : digitsOf(pad, field.id);
  // A leading nought carries nothing, except as the tenth of 0.5.
  const digits = (before + digit).replace(field.tenths === "last" ? /^0(?=\d\d)/ : /^0(?=\d)/, "");
  if (digits.length > 3) return pad;
  const typed = { ...answered(pad, field.id, { digits }), fresh: false, asking: false };
  return digits.length >= field.digitsFor(digits) ? moveOn(typed) : typed;
};

const step = (pad: ObsPad, by: 1 | -1): ObsPad => {
  const digits = digitsOf(pad, pad.active);
  if (digits === "") return pad;
  const field = fieldOf(pad.active) as NumberField;
  // A temperature typed as two digits steps by a tenth like any other, so it gains its tenth first.
  const whole = field.tenths === "after-two" && digits.length === 2 ? `${digits}0` : digits;
  const stepped = Number(whole) + by;
  if (stepped < 0 || stepped > 999) return pad;
  const kept = field.tenths === "last" && whole.length > 1 ? 2 : 1;
  return { ...answered(pad, pad.active, { digits: String(stepped).padStart(kept, "0") }), fresh: true };
};

/** The pad, and nothing else: no clock, no store. Ghosts of earlier sets are not part of it, so they cannot be saved. */
export const updateObsPad = (pad: ObsPad, event: ObsPadEvent): ObsPad => {
  switch (event.type) {
    case "focus":
      return { ...pad, active: event.field, fresh: true, asking: false };
    case "digit":
      return typeDigit(pad, event.digit);
    case "backspace": {
      const digits = digitsOf(pad, pad.active);
      if (digits.length > 1) return { ...answered(pad, pad.active, { digits: digits.slice(0, -1) }), fresh: false };
      const { [pad.active]: _cleared, ...answers } = pad.answers;
      return { ...pad, answers, fresh: true };
    }
    case "step":
      return step(pad, event.by);
    case "choose":
      return moveOn({ ...answered(pad, event.field, { choice: event.choice }), active: event.field });
    case "same":
      return moveOn({
        ...answered(pad, event.field, { choice: event.choice, reconfirmed: true }),
        active: event.field,
      });
    case "next":
      return moveOn(pad);
    case "ask-not-done":
      return { ...pad, asking: !pad.asking };
    case "not-done":
      return moveOn(answered(pad, pad.active, { notDone: event.reason }));
    case "taken":
      return { ...pad, minutesAgo: event.minutesAgo };
    case "page": {
      const first = (event.page === "vitals" ? vitalsPage : morePage)[0]!;
      return { ...pad, page: event.page, active: first.id, fresh: true, asking: false };
    }
  }
};

const score = (text: string): number | "NT" | "T" => (text === "NT" || text === "T" ? text : Number(text));

/** The body of kind `observations`. Fields without an answer are left out: nothing is ever assumed. */
export const observationsOf = (pad: ObsPad): Observations => {
  const body: Record<string, unknown> = {};
  for (const [id, answer] of Object.entries(pad.answers) as [FieldId, Answer][]) {
    if (id === "eye" || id === "verbal" || id === "motor") continue;
    if ("notDone" in answer) body[id] = { notDone: answer.notDone };
    else if ("digits" in answer)
      body[id] = { value: valueText(fieldOf(id) as NumberField, answer.digits), from: "hand" };
    else body[id] = { is: answer.choice, from: "hand", ...(answer.reconfirmed ? { reconfirmed: true } : {}) };
  }
  const gcs = gcsOf(pad);
  if (gcs !== undefined) body.gcs = gcs;
  return body as Observations;
};

/** All three parts, or none: a GCS with a part missing is not a GCS. */
const gcsOf = (pad: ObsPad): Observations["gcs"] | undefined => {
  const parts = (["eye", "verbal", "motor"] as const).map((id) => pad.answers[id]);
  const missing = parts.find((part) => part !== undefined && "notDone" in part);
  if (missing !== undefined && "notDone" in missing) return { notDone: missing.notDone };
  const [eye, verbal, motor] = parts.map((part) =>
    part !== undefined && "choice" in part ? score(part.choice) : undefined,
  );
  if (eye === undefined || verbal === undefined || motor === undefined) return undefined;
  return { is: { eye, verbal, motor } as Gcs, from: "hand" };
};

/**
 * The set without a number that is still being typed: the 1 of a systolic 102 is no reading, and must not make the score
 * jump to an emergency for the time of two keys.
 */
export const settledObservationsOf = (pad: ObsPad): Observations => {
  const field = fieldOf(pad.active);
  const digits = digitsOf(pad, field.id);
  const typing = !pad.fresh && field.kind === "number" && digits.length < field.digitsFor(digits);
  if (!typing) return observationsOf(pad);
  const { [pad.active]: _typed, ...answers } = pad.answers;
  return observationsOf({ ...pad, answers });
};

/** True when a set has something to save. */
export const hasAnswers = (pad: ObsPad): boolean => Object.keys(observationsOf(pad)).length > 0;
