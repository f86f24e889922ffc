import type { Client } from "#client/client.ts";
import type { Author } from "#domain/entry/entry.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import { authorOf, type ScreenPerson, screenAuthor } from "../sign-in/person.ts";

type Heads = Record<string, number>;
type Place = NonNullable<Arrival["place"]>;

/** The department of this screen; throws before it has enrolled. */
const siteOf = (client: Client) => {
  const site = client.getSnapshot().enrolment?.site;
  if (!site) throw new Error("This screen has no site: enrol it again with a screen's code.");
  return site;
};

/** What one of the hospital's entries says, once it is durable on this screen. It is sent when there is a network. */
const write = async (
  client: Client,
  recordId: string,
  kind: "acceptance" | "place" | "receipt",
  body: Record<string, unknown>,
  author: Author,
): Promise<void> => {
  await client.replica.write({ recordId, kind, body, author });
  void client.syncNow();
};

/** Of whoever is signed in, or of the screen where nobody is. */
const authorAt = (client: Client, person: ScreenPerson | null): Author =>
  person ? authorOf(person) : screenAuthor(siteOf(client).name);

/** Accepts exactly what was on the screen: `seen` are the heads of what was drawn. */
export const writeAcceptance = (
  client: Client,
  recordId: string,
  seen: Heads,
  person: ScreenPerson,
  comment: string,
): Promise<void> => acceptanceBy(client, recordId, seen, { ...person, author: authorOf(person) }, comment.trim());

/** The same by somebody who is signed in, or by a name where nobody can be: what a film brought is accepted so. */
export const acceptanceBy = (
  client: Client,
  recordId: string,
  seen: Heads,
  { name: acceptedBy, role, author }: { name: string; role: string; author: Author },
  comment = "",
): Promise<void> => {
  const body = { site: siteOf(client), acceptedBy, role, seen, ...(comment !== "" && { comment }) };
  return write(client, recordId, "acceptance", body, author);
};

export const writePlace = (
  client: Client,
  recordId: string,
  place: Place,
  person: ScreenPerson | null,
): Promise<void> => write(client, recordId, "place", { site: siteOf(client), ...place }, authorAt(client, person));

/** `seen` where a person opened the patient, `displayed` where the screen drew the row with nobody named. */
export const writeReceipt = (
  client: Client,
  recordId: string,
  seen: Heads,
  person: ScreenPerson | null,
): Promise<void> => {
  const body = { what: person ? "seen" : "displayed", site: siteOf(client), seen };
  return write(client, recordId, "receipt", body, authorAt(client, person));
};
