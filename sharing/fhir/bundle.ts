import type { LogLine } from "../log-line.ts";
import { ownSystem } from "./codes.ts";
import type { Bundle, BundleEntry, Composition } from "./r4.ts";
import { type RecordResource, resourcesOf } from "./resources.ts";
import { type FhirContext, viewOf } from "./view.ts";

/**
 * The handover of one record as a FHIR R4 UK Core document: the Composition first, then all it speaks of. Numbers keep
 * their digits only through `JSON.stringify` (digits.ts).
 *
 * @param lines of one record in log order, at least one
 */
export const handoverBundle = (lines: readonly LogLine[], context: FhirContext): Bundle => {
  const resources = resourcesOf(viewOf(lines, context));
  const composition = resources[0] as Composition;
  const { profile: _, ...meta } = composition.meta!;
  return {
    resourceType: "Bundle",
    id: composition.id!,
    meta,
    // A document is one state of the record for ever: its identifier says which.
    identifier: { system: ownSystem("document"), value: `${composition.id}/${meta.versionId}` },
    type: "document",
    timestamp: context.now,
    entry: withReferenced(resources).map(
      (resource): BundleEntry => ({
        fullUrl: `${context.base}/${resource.resourceType}/${resource.id}`,
        resource,
      }),
    ),
  };
};

/** People and devices that nothing else names (who only opened the record) stay out of the document. */
const withReferenced = (resources: readonly RecordResource[]): RecordResource[] => {
  const agents = new Set(["Practitioner", "Organization", "Device"]);
  const text = JSON.stringify(resources.filter(({ resourceType }) => !agents.has(resourceType)));
  return resources.filter(
    ({ resourceType, id }) => !agents.has(resourceType) || text.includes(`"${resourceType}/${id}"`),
  );
};
