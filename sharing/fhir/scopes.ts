import { readableTypes } from "./read.ts";

/** What the desk may give a connection to read: types of resources, or `*` for all of them and whole documents. */
export const connectionTypes = ["*", ...readableTypes, "Binary"] as const;
export type ConnectionType = (typeof connectionTypes)[number];
/** They hold the whole record, in parts or in words. */
const ofEverything: ReadonlySet<string> = new Set(["Bundle", "Composition"]);

/** Whether somebody who may read `types` may read a resource of `type`. A Bundle holds every type, and a Composition its words, so only `*` covers them. */
export const covers = (types: readonly string[], type: string): boolean =>
  types.includes("*") || (!ofEverything.has(type) && types.includes(type));

export interface Granted {
  types: ConnectionType[];
  /** As SMART writes it, in the version's form that was asked in. */
  scope: string;
}

/** One scope of a system, SMART App Launch 2 (`system/Observation.rs`) or 1 (`system/Observation.read`). */
const systemScope = /^system\/(\*|[A-Za-z]{1,40})\.(read|\*|c?r?u?d?s?)$/;

/** Of the scopes asked for, what `allowed` covers: reading by id alone. Others are left out, as OAuth 2.0 §3.3 has it. */
export const grantedScopes = (asked: string, allowed: readonly ConnectionType[]): Granted => {
  const granted = new Map<ConnectionType, string>();
  for (const scope of asked.split(/\s+/)) {
    const [, type, access] = systemScope.exec(scope) ?? [];
    if (type === undefined || access === undefined || !/^read$|^\*$|r/.test(access)) continue;
    const named = type === "*" && !allowed.includes("*") ? allowed : connectionTypes.filter((each) => each === type);
    for (const each of named)
      if (covers(allowed, each)) granted.set(each, `system/${each}.${/r[us]|^r$|c/.test(access) ? "r" : "read"}`);
  }
  return { types: [...granted.keys()], scope: [...granted.values()].join(" ") };
};
