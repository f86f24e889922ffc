import type { Author, Entry } from "#domain/entry/entry.ts";
import { readBody } from "#domain/kinds.ts";
import { ownSystem } from "./codes.ts";
import { shortHash } from "./ids.ts";
import type { Device, Identifier, Organization, Practitioner, Reference } from "./r4.ts";
import { metaOf, type View } from "./view.ts";
import { words } from "./words.ts";

/** A record's people, departments and devices: ids hold the record's, so that they are read under the record's rights. */
const agentId = (view: View, key: string): string => `${view.record.recordId}-agent-${shortHash(key)}`;

export const isDevice = (author: Author): boolean => author.signIn === "device";
export const trustReference = (view: View): Reference => ({
  reference: `Organization/${agentId(view, "trust")}`,
  ...named(view.context.trust.name),
});
export const siteReference = (view: View, site: { siteId: string; name: string }): Reference => ({
  reference: `Organization/${agentId(view, `site ${site.siteId}`)}`,
  ...named(site.name),
});

/** The author as a Practitioner, or as a Device where a screen or gateway spoke for itself. */
export const authorReference = (view: View, author: Author): Reference => ({
  reference: `${isDevice(author) ? "Device" : "Practitioner"}/${agentId(view, `user ${author.userId}`)}`,
  ...named(author.name),
});

/** Where FHIR takes no Device, the trust answers for it. */
export const performerReference = (view: View, author: Author): Reference =>
  isDevice(author) ? trustReference(view) : authorReference(view, author);

/** The practice, as the crew wrote it down: no code of it is known. */
export const practiceReference = (view: View, name: string): Reference => ({
  reference: `Organization/${agentId(view, `practice ${name}`)}`,
  ...named(name),
});

/** A person of whom only the name was written down. */
export const namedReference = (view: View, name: string): Reference => ({
  reference: `Practitioner/${agentId(view, `name ${name}`)}`,
  ...named(name),
});

const named = (name: string): { display?: string } => {
  const display = words(name);
  return display === undefined ? {} : { display };
};

/** Everybody the record names, each as the entry that named them first said it, so that their resources do not change. */
export const agentsOf = (view: View): (Practitioner | Device | Organization)[] => {
  const found = new Map<string, Practitioner | Device | Organization>();
  const add = (agent: Practitioner | Device | Organization): void => {
    if (!found.has(agent.id!)) found.set(agent.id!, agent);
  };
  const [first] = view.lines;
  if (first)
    add(organization(view, "trust", view.context.trust.name, ownSystem("trust"), view.context.trust.id, first.entry));
  for (const { entry } of view.lines) {
    for (const author of authorsIn(entry)) add(agentOf(view, author, entry));
    for (const site of sitesIn(entry))
      add(organization(view, `site ${site.siteId}`, site.name, ownSystem("site"), site.siteId, entry));
    for (const name of practicesIn(entry))
      add(organization(view, `practice ${name}`, name, undefined, undefined, entry));
    for (const name of namesIn(entry)) add(practitioner(view, `name ${name}`, name, undefined, entry));
  }
  return [...found.values()];
};

const authorsIn = (entry: Entry): Author[] => {
  const known = readBody(entry);
  if (known?.kind === "incident") return [entry.author, ...known.body.crew];
  if (known?.kind === "drug")
    return [entry.author, known.body.giver, known.body.witness].filter((author) => author !== undefined);
  return [entry.author];
};

const sitesIn = (entry: Entry): { siteId: string; name: string }[] => {
  const body = readBody(entry)?.body;
  return body && "site" in body && body.site ? [body.site] : [];
};

const practicesIn = (entry: Entry): string[] => {
  const known = readBody(entry);
  return known?.kind === "patient" && known.body.gp ? [known.body.gp] : [];
};

const namesIn = (entry: Entry): string[] => {
  const known = readBody(entry);
  if (known?.kind === "acceptance") return [known.body.acceptedBy];
  if (known?.kind === "handover" && known.body.receiverName) return [known.body.receiverName];
  return [];
};

const agentOf = (view: View, author: Author, entry: Entry): Practitioner | Device => {
  const key = `user ${author.userId}`;
  if (!isDevice(author)) return practitioner(view, key, author.name, author, entry);
  const name = words(author.name);
  return {
    resourceType: "Device",
    id: agentId(view, key),
    meta: metaOf(view, [entry]),
    ...userIdentifier(author),
    ...(name && { deviceName: [{ name, type: "user-friendly-name" }] }),
  };
};

const userIdentifier = ({ userId }: Author): { identifier?: Identifier[] } => {
  const value = words(userId);
  return value ? { identifier: [{ system: ownSystem("user"), value }] } : {};
};

const practitioner = (
  view: View,
  key: string,
  name: string,
  author: Author | undefined,
  entry: Entry,
): Practitioner => {
  const said = words(name);
  const role = words(author?.role);
  return {
    resourceType: "Practitioner",
    id: agentId(view, key),
    meta: metaOf(view, [entry], "UKCore-Practitioner"),
    ...(author && userIdentifier(author)),
    ...(said && { name: [{ text: said }] }),
    ...(role && { qualification: [{ code: { text: role } }] }),
  };
};

const organization = (
  view: View,
  key: string,
  name: string,
  system: string | undefined,
  value: string | undefined,
  entry: Entry,
): Organization => ({
  resourceType: "Organization",
  id: agentId(view, key),
  meta: metaOf(view, [entry], "UKCore-Organization"),
  ...(system && value && { identifier: [{ system, value }] }),
  name: words(name) ?? value ?? "Name not written",
});
