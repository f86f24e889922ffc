import type { Entry } from "#domain/entry/entry.ts";
import { fold } from "#domain/record.ts";
import type { FormsResponse } from "#protocol/control/paper.ts";
import { isOpen, readForms } from "#server/paper/accounts.ts";
import type { TestServer } from "../boot.ts";
import type { TestDesk } from "../desk.ts";
import { controlLogOf } from "../devices.ts";
import { sql } from "../postgres.ts";
import type { TrueForm } from "./ledger.ts";

/** Every record of the care log that has anything in it, as its entries. */
export const readRecords = async (server: TestServer): Promise<Map<string, Entry[]>> => {
  const cell = server.cells.get("northmoor")!;
  const rows = await sql<{ record_id: string }>(
    cell.databaseUrl("owner"),
    "SELECT DISTINCT record_id FROM care_line WHERE quarantine IS NULL",
  );
  const records = new Map<string, Entry[]>();
  for (const { record_id: recordId } of rows) {
    const lines = await cell.crewReader.lines([{ recordId, after: 0 }], 500);
    records.set(
      recordId,
      lines.flatMap(({ text }) => (text === null ? [] : [JSON.parse(text) as Entry])),
    );
  }
  return records;
};

/**
 * What the ledger finds wrong with the day: empty when no form is there twice, no record or number is without its counterpart,
 * and every number is accounted for. `meanwhile`: form number → the record that a tablet made of it.
 */
export const judge = async (
  server: TestServer,
  desk: TestDesk,
  ledger: readonly TrueForm[],
  meanwhile: ReadonlyMap<string, string>,
): Promise<string[]> => {
  const faults: string[] = [];
  const records = await readRecords(server);
  const openings = new Map<string, string[]>();
  for (const [recordId, entries] of records)
    for (const number of numbersIn(entries)) openings.set(number, [...(openings.get(number) ?? []), recordId]);

  const { forms } = await readForms(controlLogOf(server));
  const stateOf = new Map(forms.map((form) => [form.number, form]));
  for (const { number, fate, paper } of ledger) {
    const inRecords = openings.get(number) ?? [];
    const form = stateOf.get(number);
    const wanted = fate === "used" ? "entered" : fate;
    if (form?.state !== wanted) faults.push(`${number} was ${fate} and is ${form?.state}`);
    if (fate !== "used") {
      if (inRecords.length > 0) faults.push(`${number} was ${fate} and is in a record`);
      continue;
    }
    if (inRecords.length !== 1) faults.push(`${number} is in ${inRecords.length} records`);
    const [recordId = ""] = inRecords;
    const ofTablet = meanwhile.get(number);
    if (ofTablet !== undefined && recordId !== ofTablet) faults.push(`${number} made a second record`);
    if (form?.recordId !== recordId) faults.push(`${number} is elsewhere than the control log says`);
    const { patient, drugs } = fold(records.get(recordId) ?? []);
    const said = [
      patient?.body.familyName,
      JSON.stringify(patient?.body.nhsNumber),
      JSON.stringify(patient?.body.birthDate),
    ];
    const true_ = [
      paper.patient.familyName,
      JSON.stringify(paper.patient.nhsNumber),
      JSON.stringify(paper.patient.birthDate),
    ];
    if (said.join() !== true_.join()) faults.push(`${number} is another patient`);
    if (drugs.filter(({ entry }) => entry.author.transcribedBy?.paper === number).length !== paper.drugs.length)
      faults.push(`${number} has not the drugs of the form`);
  }
  const known = new Set(ledger.map(({ number }) => number));
  const ofTablets = new Set(meanwhile.values());
  for (const [recordId, entries] of records)
    if (numbersIn(entries).filter((number) => known.has(number)).length === 0 && !ofTablets.has(recordId))
      faults.push(`record ${recordId} belongs to no form`);
  for (const form of forms) if (isOpen(form.state)) faults.push(`${form.number} is not accounted for`);
  const listed = (await desk.get("paper/forms")).json<FormsResponse>();
  if (listed.total > 0) faults.push(`the desk lists ${listed.total} numbers as open`);
  return faults;
};

/** The numbers of the forms that were opened in a record, as often as they were. */
const numbersIn = (entries: readonly Entry[]): string[] =>
  entries.flatMap(({ kind, author, body }) =>
    kind === "note" && author.transcribedBy && String(body.text).startsWith("Paper form ")
      ? [author.transcribedBy.paper]
      : [],
  );
