import { news2Of, news2Parameters, news2ParameterWords, spo2ScaleAt } from "#domain/observations/news2.ts";
import type { LineOf } from "#domain/record.ts";
import { codes, news2PartCode } from "./codes.ts";
import { dataAbsent } from "./no.ts";
import { type ObservationSet, observationBase, observationReference, score } from "./observation.ts";
import type { Parts } from "./parts.ts";
import type { Observation } from "./r4.ts";
import { metaOf, type Versions, type View } from "./view.ts";

/**
 * NEWS2 of a set, with the score of each parameter as a component and the readings it was made of in `derivedFrom`. A
 * partial set has no total: `dataAbsentReason`, and a note that says "at least". No score at all for whom NEWS2 is not
 * made: children, pregnancy, age not known.
 */
export const news2Parts = (
  view: View,
  versions: Versions,
  known: ObservationSet,
  vitals: Parts<Observation>,
): Parts<Observation> => {
  const news2 = news2Of(view.record, { ...versions.line, known } as LineOf<"observations">);
  if ("notFor" in news2 || Object.keys(news2.parts).length === 0) return new Map();
  const scale = spo2ScaleAt(view.record, known.occurredAt);
  // The scale and the patient's age decide the score as well.
  const decidedBy = view.versions
    .filter(({ line }) => line.entry.kind === "spo2-scale" || line.entry.kind === "patient")
    .flatMap(({ touchedBy }) => touchedBy);
  const base = observationBase(view, versions, "news2", codes.news2, known.occurredAt, known.author);
  const partial = news2.complete ? "" : missingWords(news2.missing, news2.atLeast);
  const observation: Observation = {
    ...base,
    meta: metaOf(view, [...versions.touchedBy, ...decidedBy], "UKCore-Observation"),
    ...(news2.complete
      ? { valueQuantity: score(news2.total) }
      : { dataAbsentReason: dataAbsent("not-performed", "The set is not complete"), note: [{ text: partial }] }),
    derivedFrom: scoredParts
      .filter((suffix) => vitals.has(suffix) && !(suffix === "heartRate" && vitals.has("pulse")))
      .map((suffix) => observationReference(versions, suffix)),
    component: news2Parameters.map((parameter) => {
      const part = news2.parts[parameter];
      return {
        code: news2PartCode(parameter, scale),
        ...(part
          ? { valueQuantity: score(part.score) }
          : { dataAbsentReason: dataAbsent("not-performed", `No ${news2ParameterWords[parameter]} to score`) }),
      };
    }),
  };
  return new Map([["news2", observation]]);
};

const scoredParts = ["respirations", "spo2", "inspired", "bp", "pulse", "heartRate", "acvpu", "temperature"];

const missingWords = (missing: readonly (keyof typeof news2ParameterWords)[], atLeast: number): string =>
  `Partial, at least ${atLeast}. Missing: ${missing.map((parameter) => news2ParameterWords[parameter]).join(", ")}.`;
