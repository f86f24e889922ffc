import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Question, Refusal } from "#defence/access/policy.ts";
import {
  type Action,
  type Purpose,
  purposesOf,
  type Relation,
  type Role,
  secondFactorStrengths,
} from "#defence/access/words.ts";
import { reasonHeader, reasonLengthMax } from "#protocol/reason.ts";
import type { Cell } from "../cell.ts";
import type { Principal } from "../identity/identity.ts";
import { accessor } from "../logs/access-line.ts";
import { ProblemError } from "./problem-error.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What a caller of this route asks for, in the policy's words. A route without one does not start the server. */
    action?: Action;
  }
}

export interface DeclaredRoute {
  method: string;
  url: string;
  action: Action;
}

/** Refuses routes that declare no action, and keeps those that do, for whoever proves the policy over all of them. */
export const declareActions = (app: FastifyInstance): readonly DeclaredRoute[] => {
  const declared: DeclaredRoute[] = [];
  app.addHook("onRoute", ({ method, url, config }) => {
    // A browser asks with OPTIONS what it may ask.
    const methods = [method].flat().filter((each) => each !== "OPTIONS");
    if (methods.length === 0) return;
    const action = config?.action;
    if (action === undefined)
      throw new Error(
        `${methods.join(", ")} ${url} declares no action: add config: { action } (defence/access/words.ts).`,
      );
    for (const each of methods) declared.push({ method: each, url, action });
  });
  return declared;
};

/** So long after both factors were shown the person need not show them again, ms. */
const stepUpMs = 5 * 60_000;

export const hasSteppedUp = ({ authenticatedMs }: Principal): boolean =>
  authenticatedMs !== undefined && Date.now() - authenticatedMs < stepUpMs;

export interface Asked {
  /** Left out: the route's. */
  action?: Action;
  relation: Relation;
  /** Of the record that it is about, if it is about one. */
  recordId?: string;
}

export interface Allowed {
  allow: true;
  /** For the access line. */
  purpose: Purpose;
  relation: Relation;
  reason?: string;
  /** The desk looks at it afterwards. */
  review: boolean;
  only?: "without-names";
}
export interface Refused {
  allow: false;
  purpose: Purpose;
  problem: ProblemError;
}

/** What the policy says of one act, without a trace. Whoever does not throw the problem notes the refusal itself. */
export const weigh = (cell: Cell, request: FastifyRequest, principal: Principal, asked: Asked): Allowed | Refused => {
  const action = asked.action ?? request.routeOptions.config.action!;
  const { person } = principal;
  // Of another system, its registered key and its site stand for the second factor.
  const isMachine = principal.connection !== undefined;
  const hasPerson = isMachine || (person !== undefined && secondFactorStrengths.has(person.strength));
  const roles: readonly Role[] = isMachine
    ? ["integration"]
    : hasPerson
      ? person!.roles.filter((role) => role !== "integration")
      : [];
  const reason = reasonOf(request);
  // To look at a setting is not to change it, nor to look at what waits for an approval.
  const isLook = ["GET", "HEAD"].includes(request.method) && (action.startsWith("manage-") || action === "approve");
  const stepUp = isLook || hasSteppedUp(principal);
  const { zone } = principal;
  const isRestricted = asked.recordId !== undefined && cell.restricted.has(asked.recordId);
  const question = { roles, zone, relation: asked.relation, action, hasPerson, isRestricted, stepUp };

  // A reason breaks the glass only where nothing less opens it.
  const purposes = [...purposesOf(roles), ...(reason === undefined ? [] : (["break-glass"] as const))];
  let refused: Refused | undefined;
  let why: Refusal | undefined;
  for (const purpose of purposes) {
    const decision = cell.decide({ ...question, purpose } satisfies Question);
    if (decision.allow) {
      const lacks = decision.needs.find((need) => need === "step-up" || (need === "reason" && reason === undefined));
      if (lacks !== undefined) {
        refused ??= { allow: false, purpose, problem: lackOf(lacks === "reason" ? "reason" : "step-up") };
        continue;
      }
      const { review, only } = decision;
      const given = decision.needs.includes("reason") && reason !== undefined && { reason };
      return { allow: true, purpose, relation: asked.relation, review, ...(only && { only }), ...given };
    } else why ??= decision.why;
  }
  if (refused !== undefined) return refused;
  const mayBreakGlass = cell.decide({ ...question, purpose: "break-glass" }).allow;
  return { allow: false, purpose: purposes[0]!, problem: mayBreakGlass ? lackOf("reason") : problems[why!]() };
};

/**
 * Resolves to how an act is allowed. Else writes an access line `refused` and throws a 403 that says who can help: `person-needed`,
 * `reason-needed`, `step-up-needed`, `not-your-role`, `not-here`, `not-your-record`, `restricted`.
 */
export const authorize = async (
  cell: Cell,
  request: FastifyRequest,
  principal: Principal,
  asked: Asked,
): Promise<Allowed> => {
  const outcome = weigh(cell, request, principal, asked);
  if (outcome.allow) return outcome;
  await noteRefusal(cell, request, principal, outcome, asked, asked.recordId === undefined ? [] : [asked.recordId]);
  throw outcome.problem;
};

/** The access line of a refusal. It shows nobody anything, so a log that cannot take it just now holds nothing up. */
export const noteRefusal = async (
  cell: Cell,
  request: FastifyRequest,
  principal: Principal,
  { purpose, problem }: Refused,
  { action = request.routeOptions.config.action!, relation }: Asked,
  recordIds: readonly string[],
): Promise<void> => {
  const detail = `${action} ${problem.problem.code}`;
  await cell.access
    .write({ ...accessor(principal), action: "refused", purpose, relation, recordIds, detail })
    .catch(() => {});
};

const reasonOf = (request: FastifyRequest): string | undefined => {
  const said = request.headers[reasonHeader];
  if (said === undefined) return undefined;
  const reason = decoded(String(said)).trim();
  if (reason.length >= 3 && reason.length <= reasonLengthMax) return reason;
  throw new ProblemError(
    400,
    "bad-reason",
    "The reason cannot be read.",
    `Give it as 3 to ${reasonLengthMax} characters, percent-encoded.`,
  );
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
};

const refusal = (code: string, title: string, todo: string) => (): ProblemError =>
  new ProblemError(403, code, title, todo);

const problems: Record<Refusal, () => ProblemError> = {
  "no-person": refusal(
    "person-needed",
    "Nobody is signed in on this device.",
    "Sign in with your own name; what is written meanwhile is sent all the same.",
  ),
  role: refusal(
    "not-your-role",
    "None of your roles may do this.",
    "If it is your work, ask your trust's desk to give you the role.",
  ),
  zone: refusal(
    "not-here",
    "This is not done from here.",
    "ARCHITECTURE.md says which zone does; your trust's desk can help.",
  ),
  purpose: refusal(
    "not-your-role",
    "None of your roles may do this for this purpose.",
    "Ask your trust's desk whose work it is.",
  ),
  relation: refusal(
    "not-your-record",
    "This record is not in your care.",
    "The crew that treats the patient, or the clinical hub, can send it to your site.",
  ),
  restricted: refusal("restricted", "This record is restricted.", "Ask the trust's records office for it."),
};

export const lackOf = (need: "reason" | "step-up"): ProblemError =>
  need === "reason"
    ? new ProblemError(
        403,
        "reason-needed",
        "This record asks why you open it.",
        `Say why with the header ${reasonHeader}, and it opens at once; your trust's desk looks at it afterwards.`,
      )
    : new ProblemError(
        403,
        "step-up-needed",
        "This asks for your second factor once more.",
        "Show it again, then repeat this within five minutes.",
      );
