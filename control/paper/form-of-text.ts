import { noKinds } from "#domain/entry/answer.ts";
import { type PaperForm, type PaperPerson, paperForm } from "#domain/paper/form.ts";
import { paperDate, paperInstant, paperTime } from "#domain/paper/paper-time.ts";
import {
  blankDrug,
  blankPerson,
  blankSet,
  type DrugText,
  type Field,
  filled,
  type PaperText,
  type PersonText,
  type SetText,
  timeBoxes,
  vitalBoxes,
} from "./paper-text.ts";

const isBlank = (row: Readonly<Record<string, string>>, blank: Readonly<Record<string, string>>): boolean =>
  Object.entries(row).every(([key, value]) => value.trim() === blank[key]);

const personOf = (person: PersonText): PaperPerson => filled(person) as PaperPerson;

const noAnswer = (text: string): { no: (typeof noKinds)[number] } | undefined => {
  const no = noKinds.find((each) => each === text);
  return no && { no };
};

/** What was typed, as a form; or which boxes a person has to look at again, in their words. */
export const formOf = (text: PaperText): { form: PaperForm } | { faults: string[] } => {
  const { fields, times, author, crew, sets, drugs } = text;
  const faults: string[] = [];
  const date = paperDate(fields.date) ?? "";
  const at = paperInstant(date, fields.time);
  if (at === undefined)
    return { faults: ["Date and the form's first time: both are needed, as in 15/01/2026 and 14:05"] };
  const timeOf = (time: string, box: string): string => {
    const found = paperTime(date, time, at);
    if (found === undefined) faults.push(`${box}: a time as 14:05`);
    return found ?? at;
  };
  /** A time with a date of its own beside it. */
  const datedOf = (on: string, time: string, box: string): string => {
    const day = paperDate(on);
    if (day === undefined) faults.push(`${box}, date: day, month, year, as in 15/01/2026`);
    const found = paperInstant(day ?? date, time);
    if (found === undefined) faults.push(`${box}, time: a time as 14:05`);
    return found ?? at;
  };
  /** On the form's date unless one stands beside it; that is asked for where it would be after the form was begun. */
  const onsetOf = ({ onsetDate, onsetTime }: PaperText["fields"]): string => {
    const found = datedOf(onsetDate || fields.date, onsetTime, "Onset");
    if (onsetDate === "" && found > at)
      faults.push("Onset, date: needed too, as the time is after the form's first time");
    return found;
  };
  const numberOf = (typed: string, box: string): string => decimalOf(typed, box, faults);
  const setOf = (set: SetText, i: number): PaperForm["observations"][number] => {
    const name = `Set ${i + 1}`;
    const by = { from: "hand" as const };
    const vitals = Object.fromEntries(
      vitalBoxes.flatMap(([vital, label]) =>
        set[vital] === "" ? [] : [[vital, { value: numberOf(set[vital], `${name}, ${label}`), ...by }]],
      ),
    );
    const { eye, verbal, motor } = set;
    const part = (typed: string) => (/^\d$/.test(typed) ? Number(typed) : typed.toUpperCase());
    const hasGcs = eye !== "" || verbal !== "" || motor !== "";
    return {
      at: timeOf(set.time, `${name}, time`),
      ...(set.spo2Scale !== "" && { scale: Number(set.spo2Scale) as 1 | 2 }),
      set: {
        ...vitals,
        ...(set.inspired !== "" && { inspired: { is: set.inspired as "air", ...by } }),
        ...(set.acvpu !== "" && { acvpu: { is: set.acvpu as "A", ...by } }),
        ...(hasGcs && { gcs: { is: { eye: part(eye), verbal: part(verbal), motor: part(motor) } as never, ...by } }),
      },
    };
  };
  const drugOf = ({ time, drug, presentation, dose, unit, route, giver, witness, batch }: DrugText, i: number) => {
    if (dose === "" && unit !== "" && unit !== blankDrug.unit) faults.push(`Drug ${i + 1}, unit: there is no dose`);
    return {
      at: timeOf(time, `Drug ${i + 1}, time`),
      given: {
        ...filled({ presentation, route, batch }),
        drug,
        ...(dose !== "" && { dose: { value: numberOf(dose, `Drug ${i + 1}, dose`), unit } }),
      },
      ...(giver !== "" && { giver: { name: giver } }),
      ...(witness !== "" && { witness: { name: witness } }),
    };
  };
  const { concern, findings, pastHistory, medication, ecg, ecgTime, ecgSays } = fields;
  const { handoverTo, handoverDate, handoverTime } = fields;
  const said = (words: string) => (words === "" ? undefined : { is: words });
  const hasOnset = fields.onsetDate !== "" || fields.onsetTime !== "";
  const presentation = filled({
    onset: hasOnset ? said(onsetOf(fields)) : noAnswer(fields.onsetNo),
    findings,
    pastHistory: said(pastHistory),
    medication: said(medication),
  });
  faults.push(...lossesIn(fields));
  const hasStory = concern !== "" || Object.keys(presentation).length > 0;
  const handoverAt =
    handoverDate !== ""
      ? datedOf(handoverDate, handoverTime, "Handover")
      : handoverTime !== ""
        ? timeOf(handoverTime, "Handover, time")
        : at;
  const form = {
    ...filled({
      cadNumber: fields.cadNumber,
      callSign: fields.callSign,
      vehicle: fields.vehicle,
      priority: fields.priority,
      location: fields.location,
      outcome: fields.outcome,
      notes: fields.notes,
    }),
    at,
    author: personOf(author),
    crew: crew.filter((person) => !isBlank(person, blankPerson)).map(personOf),
    times: Object.fromEntries(
      timeBoxes.flatMap(([key, label]) => (times[key] ? [[key, timeOf(times[key], label)]] : [])),
    ),
    patient: patientOf(fields, faults),
    ...allergiesOf(fields),
    ...(hasStory && { presentation: { ...presentation, concern: concern || "Not written on the form" } }),
    observations: sets.flatMap((set, i) => (isBlank(set, blankSet) ? [] : [setOf(set, i)])),
    drugs: drugs.flatMap((drug, i) => (isBlank(drug, blankDrug) ? [] : [drugOf(drug, i)])),
    ...(ecg !== "" && {
      ecg: {
        taken: ecg === "yes",
        ...(ecgTime !== "" && { at: timeOf(ecgTime, "ECG, time") }),
        ...(ecgSays !== "" && { says: ecgSays }),
      },
    }),
    ...(handoverTo !== "" && {
      handover: {
        at: handoverAt,
        to: handoverTo,
        ...filled({ role: fields.handoverRole, where: fields.handoverWhere }),
      },
    }),
  };
  const read = paperForm.safeParse(form);
  if (!read.success) faults.push(...read.error.issues.map(({ path }) => boxWords(path)));
  return faults.length > 0 || !read.success ? { faults: [...new Set(faults)] } : { form: read.data };
};

/** What would be left out without a word: boxes that contradict each other, and such as belong to an answer that is missing. */
const lossesIn = (fields: PaperText["fields"]): string[] => {
  const has = (...boxes: Field[]) => boxes.some((box) => fields[box] !== "");
  const losses: [lost: boolean, words: string][] = [
    [has("nhsNumber") && has("nhsNumberNo"), "NHS number: the digits, or why there are none"],
    [
      has("allergies") && has("allergyList"),
      "Allergies: the answer or the list. If the form has both, leave the answer blank and tell it in the notes",
    ],
    [has("weightHow") && !has("weight"), "Weight: the kilograms"],
    [has("weight") && !has("weightHow"), "Weight: how it is known, “Guessed” if the form ticks nothing"],
    [has("onsetNo") && has("onsetDate", "onsetTime"), "Onset: a time, or why there is none"],
    [has("ecgTime", "ecgSays") && !has("ecg"), "ECG recorded: yes or no"],
    [
      has("handoverRole", "handoverWhere", "handoverDate", "handoverTime") && !has("handoverTo"),
      "Handed over to: a name. If the form names nobody, type “not named”",
    ],
  ];
  return losses.flatMap(([lost, words]) => (lost ? [words] : []));
};

const decimalOf = (typed: string, box: string, faults: string[]): string => {
  const plain = typed.trim().replace(",", ".");
  if (!/^-?(0|[1-9]\d{0,9})(\.\d{1,9})?$/.test(plain)) faults.push(`${box}: “${typed}” is no number`);
  return plain;
};

const boxWords = (path: readonly PropertyKey[]): string => {
  const [first, second, third] = path.map(String);
  const words: Record<string, string> = {
    author: "Who wrote the form: at least a name",
    callSign: "Call sign: it is needed",
    crew: "Crew: each at least a name",
    drugs: `Drug ${Number(second) + 1}: ${third === "giver" || third === "witness" ? "names of two letters at least" : "look at it again"}`,
    observations: `Set ${Number(second) + 1}: GCS has three parts (1 to 6, or NT)`,
    patient: `Patient, ${second}: look at it again`,
  };
  return words[first ?? ""] ?? `${path.map(String).join(" ")}: look at it again`;
};

const patientOf = (fields: PaperText["fields"], faults: string[]): Record<string, unknown> => {
  const { familyName, givenName, birthDate, ageYears, nhsNumber, gender, identity, pregnant, address, gp } = fields;
  const { weight, weightHow: how } = fields;
  const digits = nhsNumber.replace(/\s/g, "");
  if (digits !== "" && !/^\d{10}$/.test(digits)) faults.push("NHS number: ten digits");
  const born = birthDate === "" ? undefined : paperDate(birthDate);
  if (birthDate !== "" && born === undefined) faults.push("Date of birth: day, month, year, as in 01/02/1950");
  if (ageYears !== "" && !/^\d{1,3}$/.test(ageYears)) faults.push("Age: whole years");
  const pregnancy = { yes: { is: true }, no: { is: false }, "not-known": { no: "not-known" } }[pregnant];
  return filled({
    familyName,
    givenName,
    gender,
    address,
    gp,
    identity: identity === "" ? "unknown" : identity,
    birthDate: born === undefined ? undefined : { is: born },
    ageYears: ageYears === "" ? undefined : Number(ageYears),
    nhsNumber: digits === "" ? noAnswer(fields.nhsNumberNo) : { is: digits },
    weight:
      weight === "" || how === ""
        ? undefined
        : { quantity: { value: decimalOf(weight, "Weight", faults), unit: "kg" }, how },
    pregnant: pregnancy,
  });
};

/** A list: a line for each, `Penicillin, rash`. Nothing ticked is nothing said; both are a fault by then. */
const allergiesOf = ({ allergies, allergyList }: PaperText["fields"]): Pick<PaperForm, "allergies"> | object => {
  const no = noAnswer(allergies);
  if (no) return { allergies: { allergies: no } };
  const lines = allergyList.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return {};
  const is = lines.map((line) => {
    const [substance = "", ...rest] = line.split(",");
    return filled({ substance: substance.trim(), reaction: rest.join(",").trim() });
  });
  return { allergies: { allergies: { is } } };
};
