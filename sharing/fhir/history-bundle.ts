import type { Bundle } from "./r4.ts";
import type { RecordResource } from "./resources.ts";

/** @param versions newest first */
export const historyBundle = (versions: readonly RecordResource[], base: string): Bundle => ({
  resourceType: "Bundle",
  type: "history",
  total: versions.length,
  entry: versions.map((resource, at) => {
    const isFirst = at === versions.length - 1;
    const url = `${resource.resourceType}/${resource.id}`;
    return {
      fullUrl: `${base}/${url}`,
      resource,
      request: isFirst ? { method: "POST", url: resource.resourceType } : { method: "PUT", url },
      response: {
        status: isFirst ? "201" : "200",
        etag: etagOf(resource),
        ...(resource.meta?.lastUpdated && { lastModified: resource.meta.lastUpdated }),
      },
    };
  }),
});

/** Weak: the same version may be written with its properties in another order. */
export const etagOf = ({ meta }: { meta?: { versionId?: string | undefined } | undefined }): string =>
  `W/"${meta?.versionId ?? ""}"`;
