import type { ControlLog } from "../logs/control-log.ts";
import { type PersonSubject, personSubject } from "./subjects.ts";

export interface KnownPerson extends PersonSubject {
  userId: string;
}

/** The people whom a trust knows and who have not left it. */
export interface People {
  find(userId: string): Promise<KnownPerson | undefined>;
  /** By the name that a provider knows the person by. */
  findByProvider(issuer: string, sub: string): Promise<KnownPerson | undefined>;
  /** Somebody was changed: the names that providers know are read anew. */
  forget(): void;
}

export const createPeople = (log: Pick<ControlLog, "find" | "all">): People => {
  // Every state is sealed, so that finding a name means opening all of them: once, and again when one changes.
  let byProvider: Promise<Map<string, string>> | undefined;
  const readProviders = async (): Promise<Map<string, string>> => {
    const names = new Map<string, string>();
    for (const { id, state } of await log.all("person")) {
      const { provider } = personSubject.parse(state);
      if (provider) names.set(nameOf(provider.issuer, provider.sub), id);
    }
    return names;
  };
  const find = async (userId: string): Promise<KnownPerson | undefined> => {
    const subject = await log.find("person", userId);
    if (subject === undefined) return undefined;
    const person = personSubject.parse(subject.state);
    const hasLeft = person.endsAt !== undefined && Date.parse(person.endsAt) <= Date.now();
    return hasLeft ? undefined : { userId, ...person };
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

const nameOf = (issuer: string, sub: string): string => `${issuer}\n${sub}`;
