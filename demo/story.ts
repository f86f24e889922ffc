import type { Author } from "#domain/entry/entry.ts";
import type { BodyOf, Kind } from "#domain/kinds.ts";
import type { Observations } from "#domain/observations/observations.ts";

export type Site = { siteId: string; name: string };

/** One thing that a crew writes, `minute` minutes after the call. */
export type Step = {
  [K in Kind]: { minute: number; kind: K; body: BodyOf<K>; attach?: EcgPicture };
}[Kind];
export type EcgPicture = "inferior-stemi" | "sinus-rhythm";

/** Gives the instant of a minute of the story. */
export type At = (minute: number) => string;

/** One invented call, in minutes since it came in. What every call has (times, patient, destination) is made by `stepsOf`. */
export interface Story {
  key: string;
  priority: string;
  location: string;
  patient: { ageYears: number; gender: "female" | "male"; identity: BodyOf<"patient">["identity"]; weightKg?: string };
  allergies: BodyOf<"allergies">["allergies"];
  atScene: number;
  leftScene: number;
  atHospital: number;
  /** When the crew gives up waiting for an acceptance and writes the receiver's name itself. */
  handedOver: number;
  prealert?: { minute: number; needs: string[]; message: string };
  /** What the hospital decides beforehand, where it does. */
  place?: Omit<BodyOf<"place">, "site">;
  concern: string;
  presentation: (at: At) => Omit<BodyOf<"presentation">, "concern">;
  /** What is particular about this call, in any order. */
  own: (at: At) => Step[];
}

/** What this telling of a story is about: who, when, and where to. */
export interface Telling {
  at: At;
  site: Site;
  callSign: string;
  vehicle: string;
  crew: Author[];
  cadNumber: string;
  person: { familyName: string; givenName: string; nhsNumber: string; birthDate: string };
  /** Minutes by which the first ETA is wrong; it comes true on the way. */
  etaErrorMinutes: number;
}

export const step = <K extends Kind>(minute: number, kind: K, body: BodyOf<K>): Step =>
  ({ minute, kind, body }) as Step;

type Short = Partial<Record<Exclude<keyof Observations, "inspired" | "acvpu" | "gcs">, string>> & {
  inspired?: "air" | "oxygen";
  acvpu?: "A" | "C" | "V" | "P" | "U";
  gcs?: [eye: 1 | 2 | 3 | 4, verbal: 1 | 2 | 3 | 4 | 5 | "T", motor: 1 | 2 | 3 | 4 | 5 | 6];
};
/** What a monitor measures; the rest of a set is asked or counted by hand. */
const byMonitor = new Set(["spo2", "systolic", "diastolic", "pulse", "heartRate", "etco2"]);

/** One set of observations, each value as the crew would write it. */
export const obs = (minute: number, { inspired, acvpu, gcs, ...vitals }: Short): Step => {
  const body: Observations = {};
  for (const [vital, value] of Object.entries(vitals) as [keyof typeof vitals, string][])
    body[vital] = { value, from: byMonitor.has(vital) ? "monitor" : "hand" };
  if (inspired) body.inspired = { is: inspired, from: "hand" };
  if (acvpu) body.acvpu = { is: acvpu, from: "hand" };
  if (gcs) body.gcs = { is: { eye: gcs[0], verbal: gcs[1], motor: gcs[2] }, from: "hand" };
  return step(minute, "observations", body);
};

export const drug = (
  minute: number,
  name: string,
  [value, unit]: [string, string],
  route: string,
  more: Partial<BodyOf<"drug">> = {},
): Step => step(minute, "drug", { drug: name, dose: { value, unit }, route, givenBy: "author", ...more });

/** A recording; its leads, rate and length are known when it is made. */
export const ecg = (minute: number, attach: EcgPicture, says: Partial<BodyOf<"ecg">>): Step => ({
  minute,
  kind: "ecg",
  attach,
  body: { leads: [], samplesPerSecond: 1, samplesPerLead: 0, ...says },
});

/** The first ETA is off by the telling's error, which shrinks to nothing on the way: an estimate that comes true. */
const etaSteps = (story: Story, { at, site, etaErrorMinutes }: Telling): Step[] => {
  const first = story.prealert ? Math.min(story.prealert.minute, story.leftScene) : story.leftScene;
  const steps: Step[] = [];
  for (let minute = first; minute < story.atHospital - 2; minute += 6) {
    const left = (story.atHospital - minute) / (story.atHospital - first);
    const eta = at(story.atHospital + Math.round(etaErrorMinutes * left));
    steps.push(step(minute, "destination", { site, eta, outcome: "see-and-convey" }));
  }
  return steps;
};

/** Every entry of one telling but the handover, in the order of its minutes. */
export const stepsOf = (story: Story, telling: Telling): Step[] => {
  const { at, site, callSign, vehicle, crew, cadNumber, person } = telling;
  const { ageYears: _, weightKg, ...patient } = story.patient;
  const milestone = (minute: number, name: BodyOf<"milestone">["milestone"]) =>
    step(minute, "milestone", { milestone: name });
  const weight = weightKg && { weight: { quantity: { value: weightKg, unit: "kg" }, how: "estimated" as const } };
  const steps: Step[] = [
    step(0, "incident", {
      cadNumber,
      callSign,
      vehicle,
      crew,
      priority: story.priority,
      location: story.location,
      demonstration: true,
    }),
    milestone(0, "call-connected"),
    milestone(1, "allocated"),
    milestone(2, "mobile"),
    milestone(story.atScene, "at-scene"),
    milestone(story.atScene + 2, "at-patient"),
    step(story.atScene + 3, "presentation", { concern: story.concern, ...story.presentation(at) }),
    step(story.atScene + 4, "patient", {
      ...patient,
      ...weight,
      familyName: person.familyName,
      givenName: person.givenName,
      nhsNumber: { is: person.nhsNumber },
      birthDate: { is: person.birthDate },
    }),
    step(story.atScene + 5, "allergies", { allergies: story.allergies }),
    milestone(story.leftScene, "left-scene"),
    ...etaSteps(story, telling),
    milestone(story.atHospital, "at-hospital"),
    ...story.own(at),
  ];
  if (story.prealert) {
    const { minute, needs, message } = story.prealert;
    steps.push(step(minute, "prealert", { site, eta: at(story.atHospital), concern: story.concern, needs, message }));
  }
  return steps.toSorted((a, b) => a.minute - b.minute);
};
