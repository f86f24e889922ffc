import { type LineText, lineText } from "#domain/entry/compose.ts";
import type { Entry } from "#domain/entry/entry.ts";
import type { CareRecord, RecordLine } from "#domain/record.ts";

/** What a line says; one of a kind that this version does not know is passed on as it was written. */
export const said = (line: RecordLine, record: CareRecord): LineText => {
  const { title, detail } = lineText(line, record);
  return { title, detail: line.known ? detail : asWritten(line.entry) };
};

/** `awaiting co-signature` as a sentence of a note. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const asWritten = ({ body }: Entry): string =>
  Object.entries(body)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("; ");
