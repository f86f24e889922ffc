import type { Client, Enrolment } from "#client/client.ts";
import { browserRandom } from "#client/ports.ts";
import type { Author } from "#domain/entry/entry.ts";
import { crewOf, type Shift } from "../shift.ts";

export interface NewRecordParts {
  client: Client;
  enrolment: Enrolment;
  shift: Shift;
  author: Author;
}

/** One tap: the first entry says who came, in which vehicle. Resolves to the record's id once that is durable. */
export const newRecord = async ({ client, enrolment, shift, author }: NewRecordParts): Promise<string> => {
  const recordId = browserRandom.uuid();
  await client.replica.write({
    recordId,
    kind: "incident",
    author,
    body: {
      callSign: shift.callSign,
      vehicle: shift.vehicle,
      crew: crewOf(shift, enrolment.people, author),
      ...(enrolment.demonstration ? { demonstration: true } : {}),
    },
  });
  return recordId;
};
