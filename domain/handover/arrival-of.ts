import { longestWithin } from "../entry/longest-within.ts";
import { dosesGiven } from "../medication/totals.ts";
import { latestReadings } from "../observations/latest.ts";
import { news2Of } from "../observations/news2.ts";
import { ageSexText } from "../patient/age.ts";
import { allergiesInRecord } from "../patient/allergy-words.ts";
import { nameText } from "../patient/patient-words.ts";
import { concernOf } from "../presentation/concern.ts";
import type { CareRecord } from "../record.ts";
import type { Arrival } from "./arrival.ts";
import { formerSites, journeyOf } from "./journey.ts";
import { changedSinceAcceptance } from "./seen.ts";

export { formerSites } from "./journey.ts";

const trendMax = 12;
const textMax = 200;

/**
 * The row of the site where the patient goes, or null when no site has been named. It holds the patient's name: whoever
 * shows it to a wall board without a person takes `name` out.
 */
export const arrivalOf = (record: CareRecord): Arrival | null => {
  const journey = journeyOf(record);
  if (!journey) return null;
  const sets = record.observations;
  const latest = sets.at(-1);
  const at = latest?.entry.occurredAt ?? record.lines.at(-1)?.entry.occurredAt ?? "";
  const patient = record.patient?.body;
  const name = nameText(patient);
  const acceptance = record.acceptances.findLast((line) => line.known.body.site.siteId === journey.siteId);
  const place = record.place?.body;
  return {
    ...base(record, journey.siteId),
    state: journey.state,
    ...(record.prealerts.some((line) => line.known.body.site.siteId === journey.siteId) && { prealerted: true }),
    concern: clip(concernOf(record)),
    detail: clip(detailOf(record)),
    ageSex: clip(ageSexText(patient, at)),
    ...(name !== null && { name: clip(name) }),
    news2: latest ? boardNews2(record, latest) : null,
    trend: trendOf(record),
    eta: journey.eta,
    arrivedAt: journey.arrivedAt,
    handedOverAt: journey.handedOverAt,
    acceptedBy: acceptance?.known.body.acceptedBy ?? record.handover?.body.receiverName ?? null,
    place: place?.site.siteId === journey.siteId ? { place: place.place, area: place.area } : null,
    readings: latestReadings(record),
    readingsAt: latest?.entry.occurredAt ?? null,
    changedSinceAcceptance: changedSinceAcceptance(record, journey.siteId).length,
    ...(record.awaitingCoSign.length > 0 && { awaitingCoSign: record.awaitingCoSign.length }),
    allergy: clip(allergiesInRecord(record).join(" / ")),
  };
};

/**
 * The row of a site that the patient no longer goes to (one of `formerSites`): who is gone, and nothing clinical.
 */
export const departureOf = (record: CareRecord, siteId: string): Arrival | null => {
  if (!formerSites(record).includes(siteId)) return null;
  return {
    ...base(record, siteId),
    state: journeyOf(record) ? "diverted" : "stood-down",
    concern: clip(concernOf(record)),
    detail: "",
    ageSex: clip(ageSexText(record.patient?.body, record.lines.at(-1)?.entry.occurredAt ?? "")),
    news2: null,
    trend: [],
    eta: null,
    arrivedAt: null,
    handedOverAt: null,
    acceptedBy: null,
    place: null,
    readings: [],
    readingsAt: null,
    changedSinceAcceptance: 0,
    allergy: null,
  };
};

const base = (record: CareRecord, siteId: string) => ({
  recordId: record.recordId,
  siteId,
  callSign: record.incident?.body.callSign || "Call sign not known",
  heads: record.contentHeads,
  demonstration: record.incident?.body.demonstration === true,
});

const clip = (text: string): string => longestWithin(text, textMax);

const detailOf = (record: CareRecord): string => {
  const { presentation, prealert } = record;
  const drugs = [...new Set(dosesGiven(record).map((line) => line.known.body.drug))];
  return [
    presentation?.body.mechanism,
    presentation?.body.findings,
    drugs.length > 0 && `Given: ${drugs.join(", ")}`,
    prealert?.body.needs?.length && `Needs: ${prealert.body.needs.join(", ")}`,
    record.unknown.length > 0 && `${record.unknown.length} not readable here`,
  ]
    .filter(Boolean)
    .join(" · ");
};

const boardNews2 = (record: CareRecord, line: CareRecord["observations"][number]): Arrival["news2"] => {
  const score = news2Of(record, line);
  const at = line.entry.occurredAt;
  if ("notFor" in score) return score;
  return score.complete
    ? { total: score.total, single3: score.single3, at }
    : { atLeast: score.atLeast, missing: score.missing, at };
};

const trendOf = (record: CareRecord): Arrival["trend"] => {
  const totals: Arrival["trend"] = [];
  for (const line of record.observations) {
    const score = news2Of(record, line);
    if ("total" in score) totals.push({ at: line.entry.occurredAt, total: score.total });
  }
  return totals.slice(-trendMax);
};
