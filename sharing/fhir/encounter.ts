import type { Entry } from "#domain/entry/entry.ts";
import type { milestones } from "#domain/incident/incident.ts";
import type { CareRecord } from "#domain/record.ts";
import { authorReference, isDevice, siteReference, trustReference } from "./agents.ts";
import { ownSystem } from "./codes.ts";
import type { Encounter, Period } from "./r4.ts";
import { metaOf, text, type View } from "./view.ts";
import { words } from "./words.ts";

const kinds = new Set(["incident", "milestone", "destination", "handover", "acceptance"]);

/** The patient's contact with the ambulance: from the call to the handover. */
export const encounterOf = (view: View): Encounter => {
  const { record } = view;
  const incident = record.incident?.body;
  const crew = (incident?.crew ?? []).filter((author) => !isDevice(author));
  const cadNumber = words(incident?.cadNumber);
  const priority = words(incident?.priority);
  const concern = words(record.presentation?.body.concern);
  const site = record.destination?.body.site;
  const touchedBy = view.versions
    .filter(({ line }) => kinds.has(line.entry.kind) || line.entry.kind === "presentation")
    .flatMap((versions) => versions.touchedBy);
  return {
    resourceType: "Encounter",
    id: record.recordId,
    meta: metaOf(view, touchedBy.length > 0 ? touchedBy : firstEntry(view), "UKCore-Encounter"),
    ...(cadNumber && { identifier: [{ system: ownSystem("cad-number"), value: cadNumber }] }),
    status: statusOf(record),
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "FLD", display: "field" },
    ...(priority && { priority: text(priority) }),
    subject: { reference: `Patient/${record.recordId}` },
    ...(crew.length > 0 && { participant: crew.map((author) => ({ individual: authorReference(view, author) })) }),
    period: periodOf(view),
    ...(concern && { reasonCode: [text(concern)] }),
    ...(site && { hospitalization: { destination: siteReference(view, site) } }),
    serviceProvider: trustReference(view),
  };
};

const firstEntry = (view: View): Entry[] => view.lines.slice(0, 1).map(({ entry }) => entry);

const reached = (record: CareRecord, milestone: (typeof milestones)[number]): string | undefined => {
  const line = record.milestones.findLast(({ known }) => known.body.milestone === milestone);
  return line && (line.known.body.at ?? line.entry.occurredAt);
};

const statusOf = (record: CareRecord): Encounter["status"] => {
  if (reached(record, "stood-down") || record.destination?.body.outcome === "stood-down") return "cancelled";
  if (isFinished(record)) return "finished";
  return reached(record, "at-hospital") ? "arrived" : "in-progress";
};

const isFinished = (record: CareRecord): boolean =>
  record.acceptance !== undefined ||
  record.handover !== undefined ||
  reached(record, "handed-over") !== undefined ||
  reached(record, "clear") !== undefined;

const periodOf = (view: View): Period => {
  const { record } = view;
  const start =
    reached(record, "call-connected") ?? record.incident?.entry.occurredAt ?? record.lines[0]?.entry.occurredAt;
  const end =
    reached(record, "handed-over") ??
    record.acceptance?.entry.occurredAt ??
    record.handover?.entry.occurredAt ??
    reached(record, "clear") ??
    reached(record, "stood-down");
  // A wrong clock may put the end before the start, which FHIR forbids: the start alone is kept.
  return { ...(start && { start }), ...(start && end && end >= start && { end }) };
};
