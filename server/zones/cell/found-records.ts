import type pg from "pg";
import type { Entry } from "#domain/entry/entry.ts";
import { ageSexText } from "#domain/patient/age.ts";
import { fold } from "#domain/record.ts";
import type { FindBy, FoundRecord } from "#protocol/find.ts";
import { limits } from "#protocol/limits.ts";
import type { RecordReader } from "../../logs/record-reader.ts";
import { byteas } from "../../postgres/binary-array.ts";
import { type SearchWord, soundsLike } from "../../projection/search-words.ts";
import type { KeyRing } from "../../sealing/key-ring.ts";

/** A record of more lines than this is no patient contact. */
const linesMax = 5_000;

/** All of which must fit; the rarest first. */
const wordsOf = (by: FindBy): SearchWord[] =>
  "nhsNumber" in by
    ? [{ field: "nhs-number", word: by.nhsNumber }]
    : [
        { field: "birth-date", word: by.birthDate },
        { field: "surname", word: soundsLike(by.familyName) },
      ];

/** Ids of the records that fit, newest first, one more than are shown. */
export const findRecords = async (pool: pg.Pool, keyRing: KeyRing, by: FindBy): Promise<string[]> => {
  const tokens = wordsOf(by).map(({ field, word }) => keyRing.blind(field, word));
  const text = "SELECT record_id FROM find_records($1::bytea[], $2)";
  const values = [byteas(tokens), limits.foundMax + 1];
  const { rows } = await pool.query<{ record_id: string }>({ name: "find-records", text, values });
  return rows.map((row) => row.record_id);
};

/** What is told of a record that was found; undefined where nothing of it can be read. */
export const glimpseOf = async (
  reader: RecordReader,
  recordId: string,
  by: FindBy,
): Promise<Omit<FoundRecord, "yours"> | undefined> => {
  const lines = [...(await reader.lines([{ recordId, after: 0 }], linesMax)), ...(await reader.held([recordId]))];
  const record = fold(lines.flatMap(({ text }) => (text === null ? [] : [JSON.parse(text) as Entry])));
  const startedAt = record.lines[0]?.entry.occurredAt;
  if (startedAt === undefined) return undefined;
  const patient = record.patient?.body;
  const asSpelt = "nhsNumber" in by || lettersOf(patient?.familyName ?? "") === lettersOf(by.familyName);
  return {
    recordId,
    startedAt,
    callSign: record.incident?.body.callSign ?? "Call sign not known",
    // As the crew read it then.
    ageSex: ageSexText(patient, startedAt),
    spelling: asSpelt ? "same" : "other",
  };
};

/** A name without accents, case, spaces and hyphens. */
const lettersOf = (name: string): string =>
  name
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^\p{L}]/gu, "");
