import type { Client, Enrolment } from "#client/client.ts";
import { browserRandom } from "#client/ports.ts";
import type { Author } from "#domain/entry/entry.ts";
import { authorOf, type Shift } from "../shift.ts";
import { vouchedAuthor } from "../sign-in/vouch.ts";

/** Whoever writes on a locked tablet, until somebody who has signed in says who it was. */
export const unconfirmed: Author = {
  userId: "unconfirmed",
  name: "Author to be confirmed",
  role: "Not signed in",
  signIn: "none",
};

type Body = Record<string, unknown>;

export interface LockedRecord {
  /** Resolves once it is durable. The first one begins the record. Rejects with `NotSaved`. */
  write(kind: "event" | "note" | "milestone", body: Body): Promise<void>;
}

/** A record that is begun on a locked tablet. It says which vehicle and who is on the shift, and that the author is not known. */
export const lockedRecord = (client: Client, enrolment: Enrolment, shift: Shift | null): LockedRecord => {
  const recordId = browserRandom.uuid();
  let begun: Promise<unknown> | undefined;
  const begin = (): Promise<unknown> => {
    const crew = enrolment.people.filter(({ userId }) => shift?.crew.includes(userId));
    const body = {
      callSign: shift?.callSign ?? "Call sign not known",
      ...(shift && { vehicle: shift.vehicle }),
      crew: [...crew.map((person) => authorOf(person, "named")), ...(shift?.vouched ?? []).map(vouchedAuthor)],
      ...(enrolment.demonstration && { demonstration: true }),
    };
    return client.writeLocked({ recordId, kind: "incident", author: unconfirmed, body });
  };
  return {
    async write(kind, body) {
      begun ??= begin();
      await begun.catch((failure: unknown) => {
        // What was not saved is begun again with the next entry.
        begun = undefined;
        throw failure;
      });
      await client.writeLocked({ recordId, kind, author: unconfirmed, body });
    },
  };
};
