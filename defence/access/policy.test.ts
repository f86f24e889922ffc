import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, type Question } from "./policy.ts";
import { type Rule, rules } from "./rules.ts";
import { actions, policyZones, purposes, relations, roles } from "./words.ts";

const asking = (more: Partial<Question>): Question => ({
  roles: ["paramedic"],
  zone: "crew",
  purpose: "direct-care",
  relation: "own-crew",
  action: "read-record",
  hasPerson: true,
  isRestricted: false,
  stepUp: false,
  ...more,
});
const allowed = (...needs: string[]) => ({ allow: true, needs, review: false });
const refused = (why: string) => ({ allow: false, why });

describe("crews", () => {
  test("read their own patients, and another crew's at once for a reason, which goes to review", () => {
    expect(decide(asking({}))).toEqual(allowed());
    expect(decide(asking({ relation: "own-shift" }))).toEqual(allowed());
    expect(decide(asking({ relation: "own-trust" }))).toEqual(refused("relation"));
    const broken = { relation: "own-trust", purpose: "break-glass" } as const;
    expect(decide(asking(broken))).toEqual({ allow: true, needs: ["reason"], review: true });
  });

  test("find another crew's record for a reason, reviewed; a student and the clinical hub look nobody up", () => {
    const search = { action: "search", relation: "own-trust", purpose: "break-glass" } as const;
    expect(decide(asking(search))).toEqual({ allow: true, needs: ["reason"], review: true });
    expect(decide(asking({ ...search, purpose: "direct-care" }))).toEqual(refused("purpose"));
    expect(decide(asking({ ...search, roles: ["student"] }))).toEqual(refused("role"));
    expect(decide(asking({ ...search, roles: ["clinical-hub"] }))).toEqual(refused("role"));
    expect(decide(asking({ ...search, hasPerson: false }))).toEqual(refused("no-person"));
  });

  test("read nothing without a person, whatever roles are claimed", () => {
    expect(decide(asking({ hasPerson: false }))).toEqual(refused("no-person"));
  });

  test("a student writes with a co-signature to follow, and may not break the glass", () => {
    expect(decide(asking({ roles: ["student"], action: "push" }))).toEqual(allowed("co-sign"));
    expect(decide(asking({ roles: ["student", "technician"], action: "push" }))).toEqual(allowed());
    const broken = { roles: ["student"], relation: "own-trust", purpose: "break-glass" } as const;
    expect(decide(asking(broken)).allow).toBe(false);
  });

  test("do not read in the hospital's zone or at the desk", () => {
    expect(decide(asking({ zone: "care", relation: "coming-to-my-site" }))).toEqual(refused("role"));
    expect(decide(asking({ zone: "control", relation: "own-trust" }))).toEqual(refused("role"));
  });
});

describe("hospitals", () => {
  const nurse = (more: Partial<Question>) =>
    decide(asking({ roles: ["hospital-nurse"], zone: "care", relation: "coming-to-my-site", ...more }));

  test("read what comes to their site, and another record at once for a reason, which goes to review", () => {
    for (const action of ["read-record", "read-fhir", "print", "read-board"] as const)
      expect(nurse({ action })).toEqual(allowed());
    expect(nurse({ relation: "own-trust" })).toEqual(refused("relation"));
    const broken = { allow: true, needs: ["reason"], review: true };
    for (const relation of ["own-trust", "none"] as const)
      for (const action of ["read-record", "search"] as const)
        expect(nurse({ action, relation, purpose: "break-glass" })).toEqual(broken);
    expect(nurse({ action: "search" }).allow).toBe(false);
  });

  test("break the glass to read, and neither to print, copy, accept nor see who else has read", () => {
    for (const action of ["read-fhir", "print", "see-access", "accept-handover", "read-board", "export"] as const)
      expect(nurse({ action, relation: "own-trust", purpose: "break-glass" }).allow).toBe(false);
  });

  test("a screen by itself shows its board without names, and opens no patient", () => {
    const screen = { hasPerson: false, roles: [] };
    expect(nurse({ ...screen, action: "read-board" })).toEqual({ ...allowed(), only: "without-names" });
    expect(nurse({ ...screen })).toEqual(refused("no-person"));
  });
});

test("a restricted record asks everybody but the crew and the receiving site for a reason", () => {
  const isRestricted = true;
  expect(decide(asking({ isRestricted }))).toEqual(allowed());
  expect(decide(asking({ isRestricted, relation: "own-shift" }))).toEqual(allowed("reason"));
  const nurse = asking({ isRestricted, roles: ["hospital-nurse"], zone: "care" });
  expect(decide({ ...nurse, relation: "coming-to-my-site" })).toEqual(allowed());
  expect(decide({ ...nurse, relation: "shared-with-my-site" })).toEqual(allowed("reason"));
  const machine: Question = { ...nurse, roles: ["integration"], purpose: "integration", action: "read-fhir" };
  expect(decide({ ...machine, relation: "shared-with-my-site" })).toEqual(refused("restricted"));
});

test("step-up is asked for until it is fresh", () => {
  const asked = asking({
    roles: ["configuration"],
    zone: "control",
    purpose: "configuration",
    action: "manage-settings",
  });
  expect(decide(asked)).toEqual(allowed("step-up"));
  expect(decide({ ...asked, stepUp: true })).toEqual(allowed());
});

describe("for every question", () => {
  const question = fc.record({
    roles: fc.subarray([...roles]),
    zone: fc.constantFrom(...policyZones),
    purpose: fc.constantFrom(...purposes),
    relation: fc.constantFrom(...relations),
    action: fc.constantFrom(...actions),
    hasPerson: fc.boolean(),
    isRestricted: fc.boolean(),
    stepUp: fc.boolean(),
  });
  const anything = fc.record({
    ...Object.fromEntries(
      ["roles", "zone", "purpose", "relation", "action"].map((key) => [
        key,
        key === "roles" ? fc.array(fc.string()) : fc.string(),
      ]),
    ),
    hasPerson: fc.boolean(),
    isRestricted: fc.boolean(),
    stepUp: fc.boolean(),
  }) as unknown as fc.Arbitrary<Question>;
  const reads = new Set(["read-record", "read-fhir", "print", "search", "export"]);
  const always = (holds: (asked: Question) => void, of: fc.Arbitrary<Question> = question) =>
    fc.assert(fc.property(of, holds), { numRuns: 3_000 });

  test("there is an answer, also to words that nobody knows", () => {
    always((asked) => void expect(typeof decide(asked).allow).toBe("boolean"), fc.oneof(question, anything));
    always((asked) => void expect(decide(asked).allow, JSON.stringify(asked)).toBe(false), anything);
  });

  test("writing care is allowed, even by a table that lost its rows", () => {
    always((asked) => {
      expect(decide({ ...asked, action: "push" }).allow).toBe(true);
      expect(decide({ ...asked, action: "push" }, []).allow).toBe(true);
    });
    always((asked) => void expect(decide({ ...asked, action: "push" }).allow).toBe(true), anything);
  });

  test("nothing but writing is allowed by an empty table", () => {
    always((asked) => void expect(decide(asked, []).allow).toBe(asked.action === "push"));
  });

  test("nobody reads without a person; roles that are claimed without one count for nothing", () => {
    always((asked) => {
      if (reads.has(asked.action)) expect(decide({ ...asked, hasPerson: false }).allow).toBe(false);
      const bare = { ...asked, hasPerson: false };
      expect(decide(bare)).toEqual(decide({ ...bare, roles: [] }));
    });
  });

  test("one more role takes nothing away", () => {
    fc.assert(
      fc.property(question, fc.constantFrom(...roles), (asked, role) => {
        const before = decide(asked);
        const after = decide({ ...asked, roles: [...asked.roles, role] });
        if (before.allow) expect(after.allow).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test("a closer look finds break-glass in review, and only there", () => {
    always((asked) => {
      const decision = decide(asked);
      if (!decision.allow || !decision.review) return;
      expect(asked.purpose).toBe("break-glass");
      expect(decision.needs).toContain("reason");
    });
    const isReviewed = rules.filter((rule) => rule.for === "break-glass").every((rule) => rule.review === true);
    expect(isReviewed).toBe(true);
  });

  test("an external approver approves, an integration reads FHIR, and neither does anything else", () => {
    const open = new Set(["public", "enrol", "sign-in", "push", "watch"]);
    const may = (role: "external-approver" | "integration", action: string) =>
      open.has(action) || action === (role === "integration" ? "read-fhir" : "approve");
    always((asked) => {
      for (const role of ["external-approver", "integration"] as const) {
        const decision = decide({ ...asked, roles: [role] });
        if (decision.allow && !("only" in decision)) expect(may(role, asked.action)).toBe(true);
      }
    });
  });

  test("bulk reading never comes without a reason and a second factor of just now", () => {
    always((asked) => {
      const decision = decide({ ...asked, action: "export", stepUp: false });
      if (decision.allow) expect([...decision.needs].sort()).toEqual(["reason", "step-up"]);
      const search = decide({ ...asked, action: "search" });
      if (search.allow) expect(search.needs).toContain("reason");
    });
  });

  test("a hole in the table would be seen", () => {
    const hole: Rule = {
      who: "device",
      does: ["read-record"],
      in: ["care"],
      to: "any",
      for: "any",
      needs: [],
      why: "A planted hole.",
    };
    const asked = asking({ zone: "care", hasPerson: false, roles: [], relation: "none" });
    expect(decide(asked).allow).toBe(false);
    expect(decide(asked, [...rules, hole]).allow).toBe(true);
  });
});
