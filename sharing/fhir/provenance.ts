import type { Entry } from "#domain/entry/entry.ts";
import { authorReference } from "./agents.ts";
import type { Provenance, Resource } from "./r4.ts";
import { metaOf, text, type Versions, type View } from "./view.ts";
import { words } from "./words.ts";

const activities = {
  created: ["CREATE", "create"],
  amended: ["UPDATE", "revise"],
  struck: ["NULLIFY", "nullify"],
} as const;

/**
 * Who changed these resources, when and why: one Provenance for each amendment and strike, and one for the first entry
 * where the resource itself cannot say who wrote it.
 */
export const provenancesOf = (view: View, versions: Versions, resources: readonly Resource[]): Provenance[] =>
  resources.length === 0
    ? []
    : versions.touchedBy
        .filter((entry) => changes(entry) || needsAuthor(entry))
        .map((entry) => provenance(view, resources, entry));

const changes = (entry: Entry): boolean => entry.ref?.rel === "amends" || entry.ref?.rel === "strikes";

/** A drug may be given by another than who wrote it down, and a file's author is not its maker. */
const needsAuthor = (entry: Entry): boolean => (entry.blobs?.length ?? 0) > 0 || entry.kind === "drug";

const provenance = (view: View, resources: readonly Resource[], entry: Entry): Provenance => {
  const rel = entry.ref?.rel;
  const [code, display] = activities[rel === "strikes" ? "struck" : rel === "amends" ? "amended" : "created"];
  const reason = changes(entry) ? words(entry.ref?.reason) : undefined;
  const { position, received } = view.placeOf(entry);
  return {
    resourceType: "Provenance",
    id: `${entry.id}-provenance`,
    meta: metaOf(view, [entry]),
    target: resources.map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}/_history/${position}` })),
    occurredDateTime: entry.occurredAt,
    recorded: received,
    activity: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-DataOperation", code, display }] },
    ...(reason && { reason: [text(reason)] }),
    agent: [
      {
        type: {
          coding: [{ system: "http://terminology.hl7.org/CodeSystem/provenance-participant-type", code: "author" }],
        },
        who: authorReference(view, entry.author),
      },
    ],
  };
};
