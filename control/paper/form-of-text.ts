import { noKinds } from "#domain/entry/answer.ts";
import type { Observations } from "#domain/observations/observations.ts";
import { type PaperForm, type PaperPerson, paperForm } from "#domain/paper/form.ts";
import { paperDate, paperInstant, paperTime } from "#domain/paper/paper-time.ts";
import {
  blankDrug,
  blankPerson,
  blankSet,
  type DrugText,
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
  const numberOf = (typed: string, box: string): string => {
    const plain = typed.trim().replace(",", ".");
    if (!/^-?(0|[1-9]\d{0,9})(\.\d{1,9})?$/.test(plain)) faults.push(`${box}: “${typed}” is no number`);
    return plain;
  };
  const setOf = (set: SetText, i: number): { at: string; set: Observations } => {
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
      set: {
        ...vitals,
        ...(set.inspired !== "" && { inspired: { is: set.inspired as "air", ...by } }),
        ...(set.acvpu !== "" && { acvpu: { is: set.acvpu as "A", ...by } }),
        ...(hasGcs && { gcs: { is: { eye: part(eye), verbal: part(verbal), motor: part(motor) } as never, ...by } }),
      },
    };
  };
  const drugOf = ({ time, drug, presentation, dose, unit, route, witness, batch }: DrugText, i: number) => ({
    at: timeOf(time, `Drug ${i + 1}, time`),
    given: {
      ...filled({ presentation, route, batch }),
      drug,
      ...(dose !== "" && { dose: { value: numberOf(dose, `Drug ${i + 1}, dose`), unit } }),
    },
    ...(witness !== "" && { witness: { name: witness } }),
  });
  const { concern, findings, pastHistory, medication, ecg, ecgTime, ecgSays, handoverTo } = fields;
  const said = (words: string) => (words === "" ? undefined : { is: words });
  const presentation = filled({ findings, pastHistory: said(pastHistory), medication: said(medication) });
  const hasStory = concern !== "" || Object.keys(presentation).length > 0;
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
        at: fields.handoverTime === "" ? at : timeOf(fields.handoverTime, "Handover, time"),
        to: handoverTo,
        ...filled({ role: fields.handoverRole, where: fields.handoverWhere }),
      },
    }),
  };
  const read = paperForm.safeParse(form);
  if (!read.success) faults.push(...read.error.issues.map(({ path }) => boxWords(path)));
  return faults.length > 0 || !read.success ? { faults: [...new Set(faults)] } : { form: read.data };
};

const boxWords = (path: readonly PropertyKey[]): string => {
  const [first, second] = path.map(String);
  const words: Record<string, string> = {
    author: "Who wrote the form: at least a name",
    callSign: "Call sign: it is needed",
    crew: "Crew: each at least a name",
    drugs: `Drug ${Number(second) + 1}: look at it again`,
    observations: `Set ${Number(second) + 1}: GCS has three parts (1 to 6, or NT)`,
    patient: `Patient, ${second}: look at it again`,
  };
  return words[first ?? ""] ?? `${path.map(String).join(" ")}: look at it again`;
};

const patientOf = (fields: PaperText["fields"], faults: string[]): Record<string, unknown> => {
  const { familyName, givenName, birthDate, ageYears, nhsNumber, gender, identity, pregnant, address, gp } = fields;
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
    pregnant: pregnancy,
  });
};

/** A list: a line for each, `Penicillin, rash`. Nothing ticked is nothing said. */
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
