import type { Bundle } from "#sharing/fhir/r4.ts";

/** FHIR R4, "Documents" and "Resolving references in Bundles". */
export const bundleFindings = (bundle: Bundle): string[] => {
  const found: string[] = [];
  const entries = bundle.entry ?? [];
  if (bundle.type !== "document") found.push("Bundle.type: is not document");
  if (!bundle.identifier?.system || !bundle.identifier.value) found.push("Bundle.identifier: a document has one");
  if (!bundle.timestamp) found.push("Bundle.timestamp: a document has one");
  if (entries[0]?.resource?.resourceType !== "Composition") found.push("Bundle.entry[0]: is no Composition");
  if (entries.filter(({ resource }) => resource?.resourceType === "Composition").length > 1)
    found.push("Bundle.entry: has more than one Composition");
  const urls = new Set<string>();
  for (const [at, { fullUrl, resource }] of entries.entries()) {
    const place = `Bundle.entry[${at}]`;
    if (!fullUrl) found.push(`${place}.fullUrl: is missing`);
    else if (urls.has(fullUrl)) found.push(`${place}.fullUrl: is not unique: ${fullUrl}`);
    else if (!fullUrl.endsWith(`/${resource?.resourceType}/${resource?.id}`))
      found.push(`${place}.fullUrl: does not end in the resource's type and id`);
    if (fullUrl) urls.add(fullUrl);
  }
  for (const [at, { fullUrl, resource }] of entries.entries()) {
    const base = fullUrl?.replace(/\/[A-Z][A-Za-z]+\/[^/]+$/, "");
    for (const reference of referencesIn(resource)) {
      const plain = reference.replace(/\/_history\/[^/]+$/, "");
      if (!urls.has(plain) && !urls.has(`${base}/${plain}`))
        found.push(`Bundle.entry[${at}] (${resource?.resourceType}): ${reference} is not in the Bundle`);
    }
  }
  return found;
};

const referencesIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== "object" || value === null) return [];
  const own = "reference" in value && typeof value.reference === "string" ? [value.reference] : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
};
