import type { Narrative } from "./r4.ts";
import { escapeXml } from "./words.ts";

const narrative = (html: string): Narrative => ({
  status: "generated",
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${html}</div>`,
});

export const paragraphs = (lines: readonly string[]): Narrative =>
  narrative(lines.map((line) => `<p>${escapeXml(line)}</p>`).join(""));

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): Narrative => {
  const cells = (tag: "th" | "td", row: readonly string[]) =>
    row.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("");
  return narrative(`<table><thead><tr>${cells("th", head)}</tr></thead><tbody>${body}</tbody></table>`);
};
