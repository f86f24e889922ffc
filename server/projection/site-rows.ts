import type { Entry } from "#domain/entry/entry.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import { arrivalOf, departureOf, formerSites } from "#domain/handover/arrival-of.ts";
import { fold } from "#domain/record.ts";

/** What one site's board shows of a record, and whether the record is still that site's business. */
export interface SiteRow {
  siteId: string;
  gone: boolean;
  arrival: Arrival;
}

/** Whether this entry sends the patient to the site, or tells it to be ready. */
export const sendsTo = (entry: Entry, siteId: string): boolean =>
  (entry.kind === "destination" || entry.kind === "prealert") &&
  (entry.body.site as { siteId?: unknown } | undefined)?.siteId === siteId;

/** What a row is sealed with, so that it cannot be moved to another site or record. */
export const arrivalAbout = (recordId: string, siteId: string): string => `${recordId}\n${siteId}`;

/** The rows of every site that the record ever named: where the patient goes, and who must learn that they do not. */
export const siteRowsOf = (entries: readonly Entry[]): SiteRow[] => {
  const record = fold(entries);
  const rows: SiteRow[] = [];
  const arrival = arrivalOf(record);
  if (arrival) rows.push({ siteId: arrival.siteId, gone: arrival.state === "stood-down", arrival });
  for (const siteId of formerSites(record)) {
    const departure = departureOf(record, siteId);
    if (departure) rows.push({ siteId, gone: true, arrival: departure });
  }
  return rows;
};
