/**
 * Text as FHIR's `string` allows it: no control characters, not empty, not only white space. Undefined where nothing is
 * left, because an absent element is legal and an empty one is not.
 */
export const words = (text: string | undefined): string | undefined => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what FHIR forbids
  const clean = text?.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, "\ufffd").trim();
  return clean === "" ? undefined : clean;
};

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export const escapeXml = (text: string): string =>
  (words(text) ?? "").replace(/[&<>"]/g, (character) => entities[character]!);
