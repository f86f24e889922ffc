import { OperationOutcomeError, validateResource } from "@medplum/core";
import { isValidNhsNumber } from "#domain/patient/nhs-number.ts";
import type { Bundle, OperationOutcomeIssue, Resource } from "#sharing/fhir/r4.ts";
import { bundleFindings } from "./bundle-rules.ts";
import { definitions } from "./definitions.ts";
import { elementFindings } from "./element-rules.ts";

/**
 * What is wrong with a document, as sentences that begin with the place; empty for a valid one. Medplum's validator
 * checks structure, cardinality and invariants against UK Core's profiles; the project checks what it does not: required
 * bindings, reference targets, extension values, NHS check digits and the rules of a document Bundle.
 *
 * @param bundle as a receiver has it: parsed from the text that was sent
 */
export const findingsIn = (bundle: Bundle): string[] => {
  const entries = bundle.entry ?? [];
  // The entries are validated each by itself; with them, the validator would do all of it twice.
  const shell: Bundle = { ...bundle, entry: entries.slice(0, 1) };
  return [...bundleFindings(bundle), ...[shell, ...entries.map(({ resource }) => resource!)].flatMap(resourceFindings)];
};

export const resourceFindings = (resource: Resource): string[] => {
  const name = `${resource.resourceType}/${resource.id}`;
  const profileUrls = resource.meta?.profile ?? [];
  const unknown = profileUrls.filter((url) => definitions().structure(url)?.type !== resource.resourceType);
  const profiles = profileUrls.map((url) => definitions().structure(url)).filter((profile) => profile !== undefined);
  const base = definitions().structure(resource.resourceType);
  if (!base) return [`${name}: no such resource type`];
  const found = [base, ...profiles].flatMap((profile) => [
    ...medplumFindings(resource, profile),
    ...elementFindings(resource, profile),
  ]);
  return [
    ...new Set([
      ...unknown.map((url) => `no such profile of ${resource.resourceType}: ${url}`),
      ...found,
      ...nhsFindings(resource),
    ]),
  ].map((finding) => `${name}: ${finding}`);
};

const medplumFindings = (resource: Resource, profile: object): string[] => {
  try {
    // It answers warnings, and throws errors.
    validateResource(
      resource as Parameters<typeof validateResource>[0],
      { profile } as Parameters<typeof validateResource>[1],
    );
    return [];
  } catch (error) {
    if (error instanceof OperationOutcomeError)
      return (error.outcome.issue ?? []).map(
        (issue: OperationOutcomeIssue) => `${issue.expression?.join()}: ${issue.details?.text}`,
      );
    throw error;
  }
};

const nhsFindings = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(nhsFindings);
  if (typeof value !== "object" || value === null) return [];
  const own =
    "system" in value &&
    value.system === "https://fhir.nhs.uk/Id/nhs-number" &&
    "value" in value &&
    !isValidNhsNumber(String(value.value))
      ? ["NHS number with a wrong check digit"]
      : [];
  return [...own, ...Object.values(value).flatMap(nhsFindings)];
};
