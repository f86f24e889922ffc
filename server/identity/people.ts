import type { ControlLog } from "../logs/control-log.ts";
import { type PersonSubject, personSubject, pinSubject, providerName } from "./subjects.ts";

export interface KnownPerson extends PersonSubject {
  userId: string;
}

/** With the person's own last line: a PIN or a provider's name that was set since is another subject's. */
export interface ListedPerson extends KnownPerson {
  position: number;
  changed: Date;
}

/** The people whom a trust knows and who have not left it. */
export interface People {
  find(userId: string): Promise<KnownPerson | undefined>;
  /** By the name that a provider knows the person by. Nobody, where two people have it. */
  findByProvider(issuer: string, sub: string): Promise<KnownPerson | undefined>;
  /** Somebody was changed: the names that providers know are read anew. */
  forget(): void;
}

/** Changes of these change who somebody is, or how they sign in. */
export const personKinds: ReadonlySet<string> = new Set(["person", "pin", "provider-link"]);

/** All whom the log knows, those who left too, with the PIN and the provider's name that count. */
export const readPeople = async (log: Pick<ControlLog, "all">): Promise<ListedPerson[]> => {
  const [people, pins, links] = await Promise.all([log.all("person"), log.all("pin"), log.all("provider-link")]);
  const [pinOf, linkOf] = [byId(pins), byId(links)];
  return people.map(({ id, position, changed, state }) => ({
    position,
    changed,
    ...merged(id, state, pinOf.get(id), linkOf.get(id)),
  }));
};

/** One of them; undefined for whom the log does not know. */
export const readPerson = async (log: Pick<ControlLog, "find">, userId: string): Promise<KnownPerson | undefined> => {
  const [subject, pin, link] = await Promise.all([
    log.find("person", userId),
    log.find("pin", userId),
    log.find("provider-link", userId),
  ]);
  return subject && merged(userId, subject.state, pin?.state, link?.state);
};

export const createPeople = (log: Pick<ControlLog, "find" | "all">): People => {
  // Every state is sealed, so that finding a name means opening all of them: once, and again when one changes.
  let byProvider: Promise<Map<string, string | undefined>> | undefined;
  const readProviders = async (): Promise<Map<string, string | undefined>> => {
    const names = new Map<string, string | undefined>();
    for (const { userId, provider } of await readPeople(log)) {
      if (provider === undefined) continue;
      const name = nameOf(provider.issuer, provider.sub);
      names.set(name, names.has(name) ? undefined : userId);
    }
    return names;
  };
  const find = async (userId: string): Promise<KnownPerson | undefined> => {
    const person = await readPerson(log, userId);
    const hasLeft = person?.endsAt !== undefined && Date.parse(person.endsAt) <= Date.now();
    return hasLeft ? undefined : person;
  };
  return {
    find,
    findByProvider: async (issuer, sub) => {
      byProvider ??= readProviders();
      const names = await byProvider.catch((error) => {
        byProvider = undefined;
        throw error;
      });
      const userId = names.get(nameOf(issuer, sub));
      return userId === undefined ? undefined : find(userId);
    },
    forget: () => {
      byProvider = undefined;
    },
  };
};

type State = Record<string, unknown>;
const byId = (subjects: readonly { id: string; state: State }[]): ReadonlyMap<string, State> =>
  new Map(subjects.map(({ id, state }) => [id, state]));

/** What the person chose counts before what the trust was set up with. */
const merged = (userId: string, state: State, pin: State | undefined, link: State | undefined): KnownPerson => ({
  userId,
  ...personSubject.parse(state),
  ...(pin && { pin: pinSubject.parse(pin) }),
  ...(link && { provider: providerName.parse(link) }),
});

const nameOf = (issuer: string, sub: string): string => `${issuer}\n${sub}`;
