/** ECMAScript's "JSON.parse source text access": text that `JSON.stringify` writes as it is. Not yet in lib.es2023. */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/**
 * A decimal as a JSON number with the digits it was written with: FHIR says that 36.0 is not 36, and a JavaScript number
 * cannot tell them apart. The type says `number` so that it fits FHIR's; only `JSON.stringify` may look inside.
 *
 * @param decimal matches domain/entry/quantity.ts `decimal`, which is also JSON's grammar for numbers
 */
export const digits = (decimal: string): number => rawJson(decimal) as number;
