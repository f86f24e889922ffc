import { type Rule, rules } from "./rules.ts";
import type { Action, Need, PolicyZone, Purpose, Relation, Role } from "./words.ts";

export interface Question {
  /** Of the person; of a machine, its one role. Empty for a device by itself. */
  roles: readonly Role[];
  zone: PolicyZone;
  purpose: Purpose;
  relation: Relation;
  action: Action;
  /** A person with two factors, or a machine with a bound key, is signed in. Without one the roles count for nothing. */
  hasPerson: boolean;
  /** Staff, VIP: marked at the desk. */
  isRestricted: boolean;
  /** The second factor was proved again just now. */
  stepUp: boolean;
}

/** Why not: which of the questions no row answers, the earliest first. */
export type Refusal = "zone" | "no-person" | "role" | "purpose" | "relation" | "restricted";
export type Decision =
  | { allow: true; needs: readonly Need[]; review: boolean; only?: "without-names" }
  | { allow: false; why: Refusal };

/** Acts that show what is in a record. */
const showsRecord: ReadonlySet<Action> = new Set(["read-record", "read-fhir", "print", "export"]);
/** Whoever cares for the patient now is not asked why. */
const cares: ReadonlySet<Relation> = new Set(["own-crew", "coming-to-my-site"]);

/**
 * What the table says; an answer for every input, also for words that this version does not know. Of several rows that allow
 * it, the one that asks least counts. Writing care is allowed whatever else is wrong; everything else is refused unless a
 * row allows it.
 */
export const decide = (asked: Question, table: readonly Rule[] = rules): Decision => {
  if (asked.action === "push") return push(asked, table);
  let refusal: Refusal = "zone";
  let found: Rule | undefined;
  for (const rule of table) {
    if (!rule.does.includes(asked.action)) continue;
    const lacks = lacking(rule, asked);
    if (lacks === undefined) {
      if (found === undefined || weight(rule) < weight(found)) found = rule;
    } else if (order[lacks] > order[refusal]) refusal = lacks;
  }
  if (found === undefined) return { allow: false, why: refusal };
  const asks = new Set(found.needs);
  if (asked.isRestricted && showsRecord.has(asked.action) && !cares.has(asked.relation)) {
    // A machine has no reason to give.
    if (found.for === "integration") return { allow: false, why: "restricted" };
    asks.add("reason");
  }
  if (asked.stepUp) asks.delete("step-up");
  const { review = false, only } = found;
  return { allow: true, needs: [...asks], review, ...(only !== undefined && { only }) };
};

const lacking = (rule: Rule, asked: Question): Refusal | undefined => {
  if (!rule.in.includes(asked.zone)) return "zone";
  if (rule.who !== "anybody" && rule.who !== "device") {
    if (!asked.hasPerson) return "no-person";
    const { who } = rule;
    if (!asked.roles.some((role) => who.includes(role))) return "role";
  }
  if (rule.for !== "any" && rule.for !== asked.purpose) return "purpose";
  return rule.to === "any" || rule.to.includes(asked.relation) ? undefined : "relation";
};

/** How far a question came: the row that nearly allowed it says best what is missing. */
const order: Record<Refusal, number> = {
  zone: 0,
  "no-person": 1,
  role: 2,
  purpose: 3,
  relation: 4,
  restricted: 5,
};

const weight = (rule: Rule): number =>
  rule.needs.length * 4 + (rule.review === true ? 2 : 0) + (rule.only === undefined ? 0 : 1);

/** Fails open, whatever the table lost: what happened to a patient is written down, and judged afterwards. */
const push = ({ roles, hasPerson }: Question, table: readonly Rule[]): Decision => {
  const named = table.filter(
    ({ who, does }) =>
      does.includes("push") && hasPerson && typeof who !== "string" && roles.some((role) => who.includes(role)),
  );
  const least = named.toSorted((a, b) => weight(a) - weight(b))[0];
  return { allow: true, needs: least?.needs.filter((need) => need === "co-sign") ?? [], review: false };
};
