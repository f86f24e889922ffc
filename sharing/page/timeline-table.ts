import { coSignText } from "#domain/co-signature/words.ts";
import { struckWhy, timelineLines } from "#domain/entry/struck.ts";
import { seenBy } from "#domain/handover/seen.ts";
import type { CareRecord, RecordLine } from "#domain/record.ts";
import { said, sentence } from "../said.ts";
import { whenText } from "../when.ts";
import type { PageBlock, PageRow } from "./page-model.ts";

const columns = [
  { title: "When", width: 0.13 },
  { title: "What", width: 0.24 },
  { title: "Details", width: 0.46 },
  { title: "By", width: 0.17 },
];

/** Every line of the record in display order: amended ones with what they said before, struck ones readable. */
export const timelineTable = (record: CareRecord): PageBlock[] => {
  const rows = timelineLines(record).map((line) => row(record, line));
  return [{ block: "table", heading: "Timeline: everything that was written", columns, rows }];
};

const row = (record: CareRecord, line: RecordLine): PageRow => {
  const { title, detail } = said(line, record);
  const { name, role } = line.entry.author;
  const note = notesOf(record, line).join(" ");
  return {
    cells: [whenText(line.entry.occurredAt), title, detail, `${name}, ${role}`],
    ...(line.state === "struck" && { struck: true }),
    ...(note !== "" && { note }),
  };
};

const notesOf = (record: CareRecord, line: RecordLine): string[] => {
  const { struckBy, history, entry } = line;
  const notes: string[] = [];
  if (struckBy)
    notes.push(`Struck ${whenText(struckBy.occurredAt)} by ${struckBy.author.name}: ${struckWhy(struckBy)}.`);
  const before = history.at(-1);
  if (before)
    notes.push(`Amended by ${entry.author.name}: ${entry.ref?.reason ?? ""}. Before: ${wordsOf(record, before.id)}.`);
  if (line.coSign) notes.push(sentence(coSignText(line, whenText)));
  if (line.disagrees) notes.push("Two versions of this line stand: ask the crew.");
  if (entry.kind === "handover" || entry.kind === "prealert") {
    const seen = seenBy(record, entry).seenBy.map(({ name, at }) => `${name} ${whenText(at)}`);
    if (seen.length > 0) notes.push(`Seen by ${seen.join(", ")}.`);
  }
  return notes;
};

const wordsOf = (record: CareRecord, id: string): string => {
  const line = record.lines.find(({ entry }) => entry.id === id);
  if (!line) return "not here";
  const { title, detail } = said(line, record);
  return [title, detail].filter(Boolean).join(" · ");
};
