import type { BlobRef, Entry } from "#domain/entry/entry.ts";
import { readBody } from "#domain/kinds.ts";
import { authorReference, trustReference } from "./agents.ts";
import { ownSystem } from "./codes.ts";
import type { Binary, DocumentReference, Meta } from "./r4.ts";
import { isStruck, metaOf, recordReference, text, type Versions, type View } from "./view.ts";
import { words } from "./words.ts";

/** One DocumentReference for each file of a line: an ECG's recording, a photo. Its bytes are a Binary of the same id. */
export const documentsOf = (view: View, versions: Versions): DocumentReference[] => {
  const { entry } = versions.line;
  const known = readBody(entry);
  const title = known?.kind === "ecg" ? `ECG, ${known.body.leads.length} leads` : `File of entry “${entry.kind}”`;
  const description = known?.kind === "ecg" ? ecgWords(known.body) : undefined;
  return (entry.blobs ?? []).map((blob, at) => ({
    resourceType: "DocumentReference",
    id: `${versions.id}-file${at + 1}`,
    meta: metaOf(view, versions.touchedBy),
    // FHIR's attachment hash is SHA-1; the SHA-256 that names the bytes here is the document's identifier.
    masterIdentifier: { system: ownSystem("sha256"), value: blob.sha256 },
    status: isStruck(versions) ? "entered-in-error" : "current",
    type: text(title),
    subject: recordReference(view, "Patient"),
    date: view.placeOf(entry).received,
    author: [authorReference(view, entry.author)],
    custodian: trustReference(view),
    ...(description && { description }),
    content: [
      {
        attachment: {
          contentType: blob.mime,
          url: `${view.context.base}/Binary/${binaryId(entry, at)}`,
          size: blob.bytes,
          title,
          creation: entry.occurredAt,
        },
      },
    ],
    context: { encounter: [recordReference(view, "Encounter")] },
  }));
};

const ecgWords = (ecg: {
  monitorSays?: string | undefined;
  crewSays?: string | undefined;
  source?: string | undefined;
}) =>
  [
    words(ecg.crewSays) && `Crew: ${ecg.crewSays}`,
    words(ecg.monitorSays) && `Monitor's own interpretation, not confirmed: ${ecg.monitorSays}`,
    words(ecg.source) && `From: ${ecg.source}`,
  ]
    .filter(Boolean)
    .join(". ");

/** Bytes never change under one id: a Binary belongs to the version of the entry that brought it. */
const binaryId = (entry: Entry, at: number): string => `${entry.id}-file${at + 1}`;

/** The blob that a Binary's id names, or null. */
export const blobOf = (view: View, id: string): { blob: BlobRef; meta: Meta } | null => {
  for (const { entry } of view.lines) {
    const at = (entry.blobs ?? []).findIndex((_, index) => binaryId(entry, index) === id);
    if (at >= 0) return { blob: entry.blobs![at]!, meta: metaOf(view, [entry]) };
  }
  return null;
};

/** @param data base64 */
export const binaryOf = (id: string, meta: Meta, contentType: string, data: string): Binary => ({
  resourceType: "Binary",
  id,
  meta,
  contentType,
  data,
});
