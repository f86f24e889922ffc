import { coSignText } from "#domain/co-signature/words.ts";
import { quantityText } from "#domain/medication/dose.ts";
import type { CareRecord } from "#domain/record.ts";
import { sentence } from "../said.ts";
import { whenText } from "../when.ts";
import type { PageBlock } from "./page-model.ts";

const columns = [
  { title: "When", width: 0.13 },
  { title: "Drug", width: 0.27 },
  { title: "Dose", width: 0.14 },
  { title: "Volume", width: 0.1 },
  { title: "Route", width: 0.1 },
  { title: "For", width: 0.1 },
  { title: "By", width: 0.16 },
];

/** Drugs that stand, with what was said against a warning. */
export const drugTable = (record: CareRecord): PageBlock[] => {
  const rows = record.drugs.map((line) => {
    const { entry, coSign } = line;
    const { body } = line.known;
    const notes = [
      ...(body.overrides ?? []).map(({ guard, reason }) => `Warned: ${guard} Answer: ${reason}`),
      ...(body.witness ? [`Witness ${body.witness.name}.`] : []),
      ...(body.batch ? [`Batch ${body.batch}.`] : []),
      ...(coSign ? [sentence(coSignText(line, whenText))] : []),
    ];
    const giver = body.giver?.name ?? (body.givenBy && body.givenBy !== "author" && givers[body.givenBy]);
    return {
      cells: [
        whenText(entry.occurredAt),
        [body.drug, body.presentation].filter(Boolean).join(", "),
        body.dose ? quantityText(body.dose) : "not recorded",
        body.volume ? quantityText(body.volume) : "",
        body.route ?? "",
        body.indication ?? "",
        entry.author.name + (giver ? ` (given by ${giver})` : ""),
      ],
      ...(notes.length > 0 && { note: notes.join(" ") }),
    };
  });
  return rows.length > 0 ? [{ block: "table", heading: "Drugs given", columns, rows }] : [];
};

const givers = {
  crew: "a colleague",
  "earlier-crew": "an earlier crew",
  patient: "the patient",
  other: "someone else",
};
