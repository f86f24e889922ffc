import type { Vital } from "#domain/observations/observations.ts";
import type { PaperForm, PaperPerson } from "#domain/paper/form.ts";
import { dateAndTime, paperDateText, paperInstant, paperTime } from "#domain/paper/paper-time.ts";
import {
  blankDrug,
  blankFields,
  blankPerson,
  blankSet,
  type Field,
  filled,
  type PaperText,
  type PersonText,
  type SetText,
  vitalBoxes,
} from "./paper-text.ts";

/** A form that was typed before, box by box. */
export const textOf = (form: Partial<PaperForm>): PaperText => {
  const { at, author, crew = [], times = {}, patient, allergies, presentation, observations = [], drugs = [] } = form;
  const timeText = (instant: string | undefined) => (instant === undefined ? "" : dateAndTime(instant).time);
  const answerText = (answer: { is: string } | object | undefined) =>
    answer && "is" in answer ? String(answer.is) : "";
  const no = (answer: { no: string } | object | undefined) => (answer && "no" in answer ? String(answer.no) : "");
  const person = ({ name, staffNumber = "", role = "" }: PaperPerson): PersonText => ({ name, staffNumber, role });
  const first = at === undefined ? "" : dateAndTime(at).date;
  const onset = presentation?.onset;
  const onsetAt = onset && "is" in onset ? onset.is : undefined;
  /** Its date too, where the time alone would not be read as this instant. */
  const dateText = (instant: string | undefined, alone: string | undefined): string =>
    instant === undefined || instant === alone ? "" : paperDateText(dateAndTime(instant).date);
  const onsetAlone = paperInstant(first, timeText(onsetAt));
  const handoverAlone = at && paperTime(first, timeText(form.handover?.at), at);
  const pregnant = patient?.pregnant;
  const { ecg, handover } = form;
  return {
    fields: {
      ...blankFields,
      ...(at !== undefined && { date: paperDateText(dateAndTime(at).date), time: dateAndTime(at).time }),
      ...(filled({
        cadNumber: form.cadNumber,
        callSign: form.callSign,
        vehicle: form.vehicle,
        priority: form.priority,
        location: form.location,
        outcome: form.outcome,
        notes: form.notes,
        familyName: patient?.familyName,
        givenName: patient?.givenName,
        gender: patient?.gender,
        identity: patient?.identity,
        address: patient?.address,
        gp: patient?.gp,
        concern: presentation?.concern,
        findings: presentation?.findings,
        ecgSays: ecg?.says,
        handoverTo: handover?.to,
        handoverRole: handover?.role,
        handoverWhere: handover?.where,
      }) as Partial<Record<Field, string>>),
      birthDate: paperDateText(answerText(patient?.birthDate)),
      ageYears: patient?.ageYears === undefined ? "" : String(patient.ageYears),
      nhsNumber: answerText(patient?.nhsNumber),
      nhsNumberNo: no(patient?.nhsNumber),
      pregnant: pregnant === undefined ? "" : "is" in pregnant ? (pregnant.is ? "yes" : "no") : "not-known",
      allergies: no(allergies?.allergies),
      allergyList:
        allergies && "is" in allergies.allergies
          ? allergies.allergies.is
              .map(({ substance, reaction }) => [substance, reaction].filter(Boolean).join(", "))
              .join("\n")
          : "",
      onsetDate: dateText(onsetAt, onsetAlone && at && onsetAlone <= at ? onsetAlone : undefined),
      onsetTime: timeText(onsetAt),
      onsetNo: no(onset),
      weight: patient?.weight?.quantity.value ?? "",
      weightHow: patient?.weight?.how ?? "",
      pastHistory: answerText(presentation?.pastHistory),
      medication: answerText(presentation?.medication),
      ecg: ecg === undefined ? "" : ecg.taken ? "yes" : "no",
      ecgTime: timeText(ecg?.at),
      handoverDate: dateText(handover?.at, handoverAlone),
      handoverTime: timeText(handover?.at),
    },
    times: Object.fromEntries(Object.entries(times).map(([key, instant]) => [key, timeText(instant)])),
    author: author ? person(author) : blankPerson,
    crew: crew.length > 0 ? crew.map(person) : [blankPerson],
    sets: observations.length > 0 ? observations.map((each) => setText(timeText(each.at), each)) : [blankSet],
    drugs:
      drugs.length > 0
        ? drugs.map(({ at: given_, given, giver, witness }) => ({
            time: timeText(given_),
            drug: given.drug,
            presentation: given.presentation ?? "",
            dose: given.dose?.value ?? "",
            unit: given.dose?.unit ?? "mg",
            route: given.route ?? "",
            giver: giver?.name ?? "",
            witness: witness?.name ?? "",
            batch: given.batch ?? "",
          }))
        : [blankDrug],
  };
};

const setText = (time: string, { scale, set }: Pick<PaperForm["observations"][number], "scale" | "set">): SetText => {
  const is = (answer: { is: unknown } | object | undefined) => (answer && "is" in answer ? answer.is : undefined);
  const gcs = is(set.gcs) as { eye: unknown; verbal: unknown; motor: unknown } | undefined;
  const vital = (key: Vital): string => {
    const reading = set[key];
    return reading && "value" in reading ? reading.value : "";
  };
  return {
    ...blankSet,
    time,
    ...(Object.fromEntries(vitalBoxes.map(([key]) => [key, vital(key)])) as Partial<SetText>),
    spo2Scale: scale === undefined ? "" : String(scale),
    inspired: String(is(set.inspired) ?? ""),
    acvpu: String(is(set.acvpu) ?? ""),
    eye: String(gcs?.eye ?? ""),
    verbal: String(gcs?.verbal ?? ""),
    motor: String(gcs?.motor ?? ""),
  };
};
