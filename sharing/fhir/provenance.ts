import { asksForCoSign } from "#domain/co-signature/co-signature.ts";
import type { Entry } from "#domain/entry/entry.ts";
import { readBody } from "#domain/kinds.ts";
import { authorReference } from "./agents.ts";
import type { Provenance, Reference, Resource } from "./r4.ts";
import { metaOf, text, type Versions, type View } from "./view.ts";
import { words } from "./words.ts";

const dataOperation = "http://terminology.hl7.org/CodeSystem/v3-DataOperation";
/** What an entry did to a resource, and as what its author did it. */
const activities = {
  created: { system: dataOperation, code: "CREATE", display: "create", as: "author" },
  amended: { system: dataOperation, code: "UPDATE", display: "revise", as: "author" },
  struck: { system: dataOperation, code: "NULLIFY", display: "nullify", as: "author" },
  "co-signed": {
    system: "http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion",
    code: "AU",
    display: "authenticated",
    as: "verifier",
  },
} as const;

/**
 * Who changed or co-signed these resources, when and why: one Provenance for each amendment, strike and co-signature, and one
 * for the first entry where the resource itself cannot say who wrote it, or its author's roles ask for a co-signature.
 */
export const provenancesOf = (view: View, versions: Versions, resources: readonly Resource[]): Provenance[] =>
  resources.length === 0
    ? []
    : versions.touchedBy
        .filter((entry) => changes(entry) || isCoSignature(entry) || needsAuthor(entry))
        .map((entry) => provenance(view, versions, resources, entry));

const changes = (entry: Entry): boolean => entry.ref?.rel === "amends" || entry.ref?.rel === "strikes";
const isCoSignature = (entry: Entry): boolean => entry.kind === "co-signature";

/** A drug may be given by another than who wrote it down, and a file's author is not its maker. */
const needsAuthor = (entry: Entry): boolean =>
  (entry.blobs?.length ?? 0) > 0 || entry.kind === "drug" || asksForCoSign(entry.author);

const activityOf = (entry: Entry): (typeof activities)[keyof typeof activities] => {
  if (entry.ref?.rel === "strikes") return activities.struck;
  if (entry.ref?.rel === "amends") return activities.amended;
  return isCoSignature(entry) ? activities["co-signed"] : activities.created;
};

const provenance = (view: View, versions: Versions, resources: readonly Resource[], entry: Entry): Provenance => {
  const { as, ...activity } = activityOf(entry);
  const reason = changes(entry) ? words(entry.ref?.reason) : undefined;
  return {
    resourceType: "Provenance",
    id: idOf(entry),
    meta: metaOf(view, [entry]),
    target: targetsOf(view, versions, resources, entry),
    occurredDateTime: entry.occurredAt,
    recorded: view.placeOf(entry).received,
    activity: { coding: [activity] },
    ...(reason && { reason: [text(reason)] }),
    agent: [
      {
        type: {
          coding: [{ system: "http://terminology.hl7.org/CodeSystem/provenance-participant-type", code: as }],
        },
        who: authorReference(view, entry.author),
      },
    ],
  };
};

const idOf = ({ id }: Entry): string => `${id}-provenance`;

/** A co-signature that is struck takes nothing of the resources back: its own Provenance is what is nullified. */
const targetsOf = (view: View, versions: Versions, resources: readonly Resource[], entry: Entry): Reference[] => {
  const { touchedBy } = versions;
  const struck = entry.ref?.rel === "strikes" && touchedBy.find(({ id }) => id === entry.ref?.id);
  if (struck && isCoSignature(struck)) return [{ reference: `Provenance/${idOf(struck)}` }];
  const position = Math.max(...[entry, ...signedBy(entry, touchedBy)].map((one) => view.placeOf(one).position));
  return resources.map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}/_history/${position}` }));
};

/** What a co-signature covers of these entries; they may have come after it. */
const signedBy = (entry: Entry, entries: readonly Entry[]): Entry[] => {
  const known = readBody(entry);
  return known?.kind === "co-signature" ? entries.filter(({ id }) => known.body.entries.includes(id)) : [];
};
