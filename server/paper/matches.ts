import { clockText } from "#domain/entry/clock.ts";
import type { Entry } from "#domain/entry/entry.ts";
import { timelineLines } from "#domain/entry/struck.ts";
import { nameText } from "#domain/patient/patient-words.ts";
import { type CareRecord, fold } from "#domain/record.ts";
import type { MatchedRecord, MatchRequest, matchWhys } from "#protocol/control/paper.ts";
import { said } from "#sharing/said.ts";
import type { Cell } from "../cell.ts";
import { cadWord, soundsLike } from "../projection/search-words.ts";

type Why = (typeof matchWhys)[number];

/** A name and a birth date count so near to the form's time, both by the crew's clocks; a number counts whenever it was. */
const nearMs = 36 * 3_600_000;
const matchesMax = 8;
const linesShown = 12;

/** Ids of records that may be of the same contact as a form, with why, the strongest first. No record is read for it. */
export const findMatches = async (cell: Cell, asked: MatchRequest): Promise<Map<string, Why[]>> => {
  const { nhsNumber, cadNumber, familyName, birthDate } = asked;
  const blind = (field: string, word: string | undefined): string | undefined =>
    word ? cell.keyRing.blind(field, word).toString("hex") : undefined;
  const tokens = {
    nhs: blind("nhs-number", nhsNumber?.replace(/\s/g, "")),
    cad: blind("cad-number", cadNumber && cadWord(cadNumber)),
    name: blind("surname", familyName && soundsLike(familyName)),
    born: blind("birth-date", birthDate),
  };
  const wanted = Object.values(tokens).filter((token) => token !== undefined);
  if (wanted.length === 0) return new Map();
  const { rows } = await cell.pools.control.query<{ token: Buffer; record_id: string }>({
    name: "records-by-tokens",
    text: "SELECT token, record_id FROM records_by_tokens($1::bytea[])",
    values: [wanted.map((token) => Buffer.from(token, "hex"))],
  });
  const found = [...Map.groupBy(rows, (row) => row.record_id)].map(([recordId, hits]) => {
    const has = (token: string | undefined) => hits.some((hit) => hit.token.toString("hex") === token);
    const why: Why[] = [];
    if (tokens.nhs && has(tokens.nhs)) why.push("nhs-number");
    if (tokens.cad && has(tokens.cad)) why.push("cad-number");
    if (tokens.name && tokens.born && has(tokens.name) && has(tokens.born)) why.push("name-and-birth-date");
    return { recordId, why };
  });
  const sure = found.filter(({ why }) => why.length > 0).sort((a, b) => b.why.length - a.why.length);
  return new Map(sure.slice(0, matchesMax).map(({ recordId, why }) => [recordId, why]));
};

/** What whoever transcribes sees of such a record; undefined for a namesake of another day. Of a restricted one: that it is there. */
export const matchOf = (
  entries: readonly Entry[],
  why: Why[],
  { at, end, isRestricted }: { at: string; end: MatchedRecord["end"]; isRestricted: boolean },
): MatchedRecord | undefined => {
  const record = fold(entries);
  const { incident, patient } = record;
  const first = incident?.entry ?? record.lines[0]!.entry;
  const isNear = Math.abs(Date.parse(first.occurredAt) - Date.parse(at)) < nearMs;
  if (!isNear && why.every((each) => each === "name-and-birth-date")) return undefined;
  return {
    recordId: record.recordId,
    why,
    about: first.id,
    end,
    at: first.occurredAt,
    ...(incident && { callSign: incident.body.callSign }),
    ...(incident?.body.cadNumber !== undefined && { cadNumber: incident.body.cadNumber }),
    ...(!isRestricted && { patient: (patient && nameText(patient.body)) ?? "Name not known" }),
    lines: isRestricted ? [] : linesOf(record),
  };
};

const linesOf = (record: CareRecord): MatchedRecord["lines"] =>
  timelineLines(record)
    .slice(-linesShown)
    .map((line) => {
      const { title, detail } = said(line, record);
      const text = [clockText(line.entry.occurredAt), title, detail].filter(Boolean).join(" · ");
      return { at: line.entry.occurredAt, text };
    });
