import type { Entry } from "#domain/entry/entry.ts";
import { readBody } from "#domain/kinds.ts";
import type { LogLine } from "../log-line.ts";
import { authorReference, trustReference } from "./agents.ts";
import { ownSystem } from "./codes.ts";
import type { Binary, DocumentReference } from "./r4.ts";
import { type FhirContext, isStruck, metaOf, recordReference, text, type Versions, type View, viewOf } from "./view.ts";
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
          contentType: mediaType(blob.mime),
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

/** What a Binary's id names: the blob whose bytes it is, and the Binary without them. Null where there is none. */
export const readBinary = (
  lines: readonly LogLine[],
  id: string,
  context: FhirContext,
): { sha256: string; binary: Binary } | null => {
  const view = viewOf(lines, context);
  for (const { entry } of lines) {
    const blob = (entry.blobs ?? []).find((_, at) => binaryId(entry, at) === id);
    if (!blob) continue;
    const contentType = mediaType(blob.mime);
    return { sha256: blob.sha256, binary: { resourceType: "Binary", id, meta: metaOf(view, [entry]), contentType } };
  }
  return null;
};

/** A device may write anything as the type of its file; what is no media type goes out as bytes. */
const mediaType = (mime: string): string =>
  /^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/i.test(mime) ? mime : "application/octet-stream";
