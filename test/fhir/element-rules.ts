import type { ElementDefinition, Resource, StructureDefinition } from "#sharing/fhir/r4.ts";
import { definitions } from "./definitions.ts";

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Extensions that only this project defines, with the type of their value. */
const ownExtensions: Record<string, string> = {
  "https://holdfast.example/fhir/StructureDefinition/identity-strength": "valueCode",
};

/** Required bindings, types of reference targets and extension values, by the profile's snapshot. */
export const elementFindings = (resource: Resource, profile: StructureDefinition): string[] =>
  walk(resource as unknown as Json, profile, profile.type, profile.type);

const walk = (value: Json, profile: StructureDefinition, path: string, shown: string): string[] =>
  Object.entries(value).flatMap(([key, child]) => {
    const place = `${shown}.${key}`;
    if (key === "extension" || key === "modifierExtension")
      return (child as Json[]).flatMap((extension, at) => extensionFindings(extension, `${place}[${at}]`));
    if (key.startsWith("_"))
      return (Array.isArray(child) ? child : [child]).flatMap((one) =>
        isObject(one) ? walk(one, profile, path, place) : [],
      );
    const element = elementAt(profile, path, key);
    if (!element) return [];
    const values = Array.isArray(child) ? child : [child];
    return values.flatMap((one) => valueFindings(one, element, key, profile, place));
  });

const elementAt = (profile: StructureDefinition, path: string, key: string): ElementDefinition | undefined => {
  const elements = profile.snapshot?.element ?? [];
  const plain = (element: ElementDefinition) => !element.id?.includes(":");
  return (
    elements.find((element) => plain(element) && element.path === `${path}.${key}`) ??
    elements.find(
      (element) =>
        plain(element) &&
        element.path.startsWith(`${path}.`) &&
        element.path.endsWith("[x]") &&
        key.startsWith(element.path.slice(path.length + 1, -3)) &&
        !element.path.slice(path.length + 1).includes("."),
    )
  );
};

const valueFindings = (
  value: unknown,
  element: ElementDefinition,
  key: string,
  profile: StructureDefinition,
  place: string,
): string[] => {
  const found = [...bindingFindings(value, element, place), ...referenceFindings(value, element, place)];
  if (!isObject(value)) return found;
  const inline = profile.snapshot?.element.some((other) => other.path.startsWith(`${element.path}.`));
  if (inline) return [...found, ...walk(value, profile, element.path, place)];
  const type = typeOf(element, key);
  const structure = type === undefined ? undefined : definitions().structure(type);
  return structure ? [...found, ...walk(value, structure, structure.type, place)] : found;
};

/** The element's type; for a choice, the one that its key names. */
const typeOf = (element: ElementDefinition, key: string): string | undefined => {
  const types = (element.type ?? []).map(({ code }) => code);
  return types.length > 1 ? types.find((type) => key.toLowerCase().endsWith(type.toLowerCase())) : types[0];
};

const bindingFindings = (value: unknown, element: ElementDefinition, place: string): string[] => {
  const { strength, valueSet } = element.binding ?? {};
  if (strength !== "required" || valueSet === undefined) return [];
  const allowed = definitions().codesOf(valueSet);
  if (!allowed) return [];
  const ok = (one: string) => allowed.has(one);
  if (typeof value === "string")
    return [...allowed].some((one) => one.endsWith(`|${value}`)) ? [] : [`${place}: “${value}” is not in ${valueSet}`];
  if (!isObject(value)) return [];
  const codings = (Array.isArray(value.coding) ? value.coding : "system" in value ? [value] : []) as Json[];
  if (codings.length === 0) return [`${place}: has no code, and must have one of ${valueSet}`];
  const named = codings.map((coding) => `${coding.system}|${coding.code}`);
  return named.some(ok) ? [] : [`${place}: ${named.join()} is not in ${valueSet}`];
};

const referenceFindings = (value: unknown, element: ElementDefinition, place: string): string[] => {
  if (!isObject(value) || typeof value.reference !== "string") return [];
  const targets = (element.type ?? []).find(({ code }) => code === "Reference")?.targetProfile ?? [];
  const types = targets.map((url) => definitions().structure(url)?.type ?? url.split("/").at(-1));
  const type = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[^/]+)?$/.exec(value.reference)?.[1];
  if (type === undefined) return [`${place}: “${value.reference}” is no reference`];
  const any = types.length === 0 || types.includes("Resource");
  return any || types.includes(type) ? [] : [`${place}: a ${type} is not one of ${types.join(", ")}`];
};

const extensionFindings = (extension: Json, place: string): string[] => {
  const url = String(extension.url);
  const values = Object.keys(extension).filter((key) => key.startsWith("value"));
  const own = ownExtensions[url];
  if (own !== undefined) return values.join() === own ? [] : [`${place}: ${url} takes ${own}`];
  const definition = definitions().structure(url);
  if (!definition) return [`${place}: no such extension: ${url}`];
  const element = definition.snapshot?.element.find((one) => one.path === "Extension.value[x]");
  const allowed = (element?.type ?? []).map(({ code }) => `value${code.charAt(0).toUpperCase()}${code.slice(1)}`);
  const wrong = values.filter((key) => !allowed.includes(key)).map((key) => `${place}: ${url} takes no ${key}`);
  if (wrong.length > 0 || !element) return wrong;
  return values.flatMap((key) => valueFindings(extension[key], element, key, definition, `${place}.${key}`));
};
