import { beforeAll, describe, expect, test } from "vitest";
import type { Role } from "#defence/access/words.ts";
import type { PersonRow } from "#protocol/control/people.ts";
import type { ProposalRow } from "#protocol/control/proposals.ts";
import type { ReviewRow } from "#protocol/control/reviews.ts";
import { createPersonCodes, personCodeId } from "#server/identity/person-codes.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import { controlLogOf } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useServer } from "#test/set-up.ts";

/** Desk roles, and ways in to who has one, take two people: one stolen configuration account can make no other. */
const server = useServer();
let configuration: TestDesk;
let governance: TestDesk;
beforeAll(async () => {
  configuration = await openTestDesk(server, "n-voss", ["configuration"]);
  governance = await openTestDesk(server, "n-banda", ["governance"]);
});

const controlLog = () => controlLogOf(server);
const rowOf = async (userId: string): Promise<PersonRow> =>
  (await configuration.get(`people?find=${userId}`)).json().rows[0];
const proposalFor = async (name: string, desk = governance): Promise<ProposalRow | undefined> =>
  (await desk.get(`proposals?find=${encodeURIComponent(name)}`)).json().rows[0];
const decide = (row: ProposalRow, by: TestDesk, decision = "approve") =>
  by.post(`proposals/${row.proposalId}`, {
    decision,
    words: "Checked by telephone",
    expected: row.position,
    ...(row.passkeys !== undefined && { passkeys: row.passkeys }),
  });
const change = async (userId: string, more: Partial<Record<keyof PersonRow, unknown>>, by = configuration) => {
  const { name, staffNumber, roles, position } = await rowOf(userId);
  return by.post(`people/${userId}`, { name, staffNumber, roles, reason: "A new job", expected: position, ...more });
};
const add = async (userId: string, roles: Role[]) => {
  const body = { userId, name: `Testcase ${userId}`, staffNumber: userId.toUpperCase(), roles, reason: "Joined" };
  return configuration.post("people", body);
};
const codeFor = async (userId: string, by = configuration) =>
  (await by.post(`people/${userId}/code`, { for: "passkey", reason: "First day" })).json<{
    code: string;
    waits: boolean;
  }>();
const opens = (code: string): Promise<string> =>
  createPersonCodes(controlLog())
    .personOf(personCodeId("passkey", code))
    .catch((error) => error.problem.code);

describe("a desk role", () => {
  test("waits for a second person, while a clinical one beside it is in force at once", async () => {
    const added = await add("p-both", ["paramedic", "governance"]);
    expect([added.status, added.json().waiting]).toEqual([200, ["governance"]]);
    expect(await rowOf("p-both")).toMatchObject({ roles: ["paramedic"], waiting: ["governance"] });
    const row = (await proposalFor("Testcase p-both"))!;
    expect(row).toMatchObject({
      what: "roles",
      roles: ["governance"],
      by: "Petra Voss",
      reason: "Joined",
      passkeys: 0,
    });
    // A further change proposes nothing twice.
    const changed = await change("p-both", { roles: ["paramedic", "governance", "clinical-hub"] });
    expect(changed.json().waiting).toEqual(["governance"]);
    expect((await governance.get("proposals?find=p-both")).json().total).toBe(1);
    expect((await decide(row, governance)).json()).toEqual({ state: "done" });
    expect(await rowOf("p-both")).toMatchObject({ roles: ["paramedic", "clinical-hub", "governance"], waiting: [] });
    const { lines } = (await configuration.get("people/p-both/history")).json();
    expect(lines[0]).toMatchObject({ by: "Grace Banda", fields: [{ field: "roles" }] });
  });

  test("is counted for whoever may approve, as their list has it, and leaves no access line", async () => {
    const counted = async (by = governance) => (await by.get("proposals/count")).json().waiting;
    const listed = async () => (await governance.get("proposals")).json().total;
    const before = await counted();
    await add("p-count", ["security"]);
    expect([await counted(), await listed()]).toEqual([before + 1, before + 1]);
    const lines = () => sql(server.cells.get("northmoor")!.databaseUrl("owner"), "SELECT FROM access_line");
    const { length } = await lines();
    await counted();
    expect(await lines()).toHaveLength(length);
    // Control: the list itself does.
    await listed();
    expect(await lines()).toHaveLength(length + 1);
    expect((await configuration.get("proposals/count")).json().code).toBe("not-your-role");
    await decide((await proposalFor("Testcase p-count"))!, governance, "decline");
    expect([await counted(), await listed()]).toEqual([before, before]);
  });

  test("is not given by who proposed it, nor by who gets it, whatever they may approve", async () => {
    await add("p-one", ["security"]);
    expect((await rowOf("p-one")).roles).toEqual([]);
    const row = (await proposalFor("Testcase p-one"))!;
    const proposer = await openTestDesk(server, "n-voss", ["configuration", "governance"]);
    expect((await decide(row, proposer)).json().code).toBe("own-proposal");
    const receiver = await openTestDesk(server, "p-one", ["external-approver"]);
    expect((await decide(row, receiver)).json().code).toBe("own-roles");
    expect((await decide(row, configuration)).json().code).toBe("not-your-role");
    expect((await rowOf("p-one")).roles).toEqual([]);
    const external = await openTestDesk(server, "x-board", ["external-approver"]);
    expect((await decide(row, external)).json()).toEqual({ state: "done" });
    expect((await rowOf("p-one")).roles).toEqual(["security"]);
  });

  test("that is declined is not given; a role kept, or taken away, asks nobody", async () => {
    await add("p-no", ["technician", "records"]);
    const row = (await proposalFor("Testcase p-no"))!;
    expect((await decide(row, governance, "decline")).json()).toEqual({ state: "declined" });
    expect(await rowOf("p-no")).toMatchObject({ roles: ["technician"], waiting: [] });
    const kerr = await change("n-kerr", { name: "Alan Kerr" });
    expect([kerr.status, kerr.json().waiting]).toEqual([200, []]);
    expect((await rowOf("n-kerr")).roles).toEqual(["security"]);
    expect((await change("n-kerr", { roles: ["technician"] })).json().waiting).toEqual([]);
    expect((await rowOf("n-kerr")).roles).toEqual(["technician"]);
  });

  test("does not come back with an end that is taken away", async () => {
    await change("n-lowe", { endsAt: new Date(Date.now() - 1_000).toISOString() });
    expect((await rowOf("n-lowe")).ended).toBe(true);
    const back = await change("n-lowe", { endsAt: undefined });
    expect(back.json().waiting).toEqual(["continuity"]);
    expect(await rowOf("n-lowe")).toMatchObject({ ended: false, roles: [] });
  });

  test("begins with no code that one person alone gave before", async () => {
    await add("p-trap", ["paramedic"]);
    const { code, waits } = await codeFor("p-trap");
    expect([waits, await opens(code)]).toEqual([false, "p-trap"]);
    await change("p-trap", { roles: ["paramedic", "governance"] });
    // Control: until somebody agrees the code is a paramedic's, and good.
    expect(await opens(code)).toBe("p-trap");
    await decide((await proposalFor("Testcase p-trap"))!, governance);
    expect(await opens(code)).toBe("code-expired");
  });
});

describe("a passkey code", () => {
  test("for who has a desk role opens once a second person has agreed", async () => {
    const { code, waits } = await codeFor("n-shah");
    expect([waits, await opens(code)]).toEqual([true, "code-waits"]);
    const row = (await proposalFor("Dana Shah"))!;
    expect(row).toMatchObject({ what: "passkey-code", by: "Petra Voss" });
    expect(JSON.stringify(row)).not.toContain(personCodeId("passkey", code));
    const own = await openTestDesk(server, "n-shah", ["governance"]);
    expect((await decide(row, own)).json().code).toBe("own-roles");
    expect(await opens(code)).toBe("code-waits");
    expect((await decide(row, governance)).json()).toEqual({ state: "done" });
    expect(await opens(code)).toBe("n-shah");
  });

  test("that was declined opens nothing", async () => {
    const { code } = await codeFor("n-banda");
    const other = await openTestDesk(server, "x-board", ["external-approver"]);
    const row = (await proposalFor("Grace Banda", other))!;
    expect((await decide(row, other, "decline")).json()).toEqual({ state: "declined" });
    expect(await opens(code)).toBe("code-waits");
  });

  test("for a crew opens at once, and is in the review queue, for others than the two", async () => {
    const { code, waits } = await codeFor("n-okafor");
    expect([waits, await opens(code)]).toEqual([false, "n-okafor"]);
    const reviews = (await governance.get("reviews?find=voss")).json().rows as ReviewRow[];
    const review = reviews.find((row) => row.of === "passkey-code" && row.for === "Amara Okafor")!;
    expect(review).toMatchObject({ person: "Petra Voss", reason: "First day" });
    const done = { outcome: "proper", words: "It was her first day", expected: review.position };
    const giver = await openTestDesk(server, "n-voss", ["governance"]);
    const receiver = await openTestDesk(server, "n-okafor", ["governance"]);
    for (const desk of [giver, receiver])
      expect((await desk.post(`reviews/${review.reviewId}`, done)).json().code).toBe("own-review");
    expect((await governance.post(`reviews/${review.reviewId}`, done)).status).toBe(200);
  });
});

test("a trust with nobody at its desk is begun by its two sealed accounts, and not by one of them", async () => {
  const { sealedRoles } = await import("#server/identity/seal-accounts.ts");
  const first = await openTestDesk(server, "sealed-1", [...sealedRoles], "westvale");
  const second = await openTestDesk(server, "sealed-2", [...sealedRoles], "westvale");
  const person = { userId: "w-first", name: "Testcase First", staffNumber: "W1", roles: ["governance"] };
  expect((await first.post("people", { ...person, reason: "The first desk" })).json().waiting).toEqual(["governance"]);
  const row = (await second.get("proposals?find=Testcase")).json().rows[0];
  expect((await decide(row, first)).json().code).toBe("own-proposal");
  expect((await decide(row, second)).json()).toEqual({ state: "done" });
  const code = (await first.post("people/w-first/code", { for: "passkey", reason: "The first desk" })).json();
  expect(code.waits).toBe(true);
  const [asked] = (await second.get("proposals?find=Testcase")).json().rows;
  expect((await decide(asked, second)).json()).toEqual({ state: "done" });
});

test("a code that was asked for while a desk role was being agreed to makes no passkey, in whatever order they commit", async () => {
  for (let round = 0; round < 4; round++) {
    const userId = `p-race${round}`;
    const person = {
      userId,
      name: `Testcase ${userId}`,
      staffNumber: "1",
      roles: ["paramedic", "governance"],
      reason: "Test",
    };
    expect((await configuration.post("people", person)).status).toBe(200);
    const row = (await proposalFor(`Testcase ${userId}`))!;
    const { code: early } = await codeFor(userId);
    expect(await opens(early)).toBe(userId);
    const codes = [early];
    const refusals: string[] = [];
    let over = false;
    const thief = (async () => {
      while (!over) {
        const answer = await configuration.post(`people/${userId}/code`, { for: "passkey", reason: "Lost" });
        if (answer.status !== 200) refusals.push(answer.json().code);
        else if (!answer.json().waits) codes.push(answer.json().code);
      }
    })();
    const decided = await decide(row, governance);
    over = true;
    await thief;
    expect(refusals.filter((refusal) => refusal !== "changed-meanwhile")).toEqual([]);
    // Each code changes what was decided on; without the thief it is decided.
    if (decided.json().state !== "done") {
      expect(decided.json().code).toBe("changed-meanwhile");
      expect((await decide(row, governance)).json()).toEqual({ state: "done" });
    }
    for (const code of codes) expect(await opens(code)).not.toBe(userId);
  }
});

test("the roles are not given over a passkey that was made since they were looked at", async () => {
  const userId = "p-since";
  const person = {
    userId,
    name: "Testcase since",
    staffNumber: "1",
    roles: ["governance", "paramedic"],
    reason: "Test",
  };
  await configuration.post("people", person);
  const row = (await proposalFor("Testcase since"))!;
  const state = { userId, publicKey: "", counter: 0, transports: [], name: "Somebody's" };
  await controlLog().append([{ kind: "passkey", id: "made-since", state, by: {} }]);
  expect((await decide(row, governance)).json().code).toBe("changed-meanwhile");
  expect((await decide((await proposalFor("Testcase since"))!, governance)).json()).toEqual({ state: "done" });
});

test("nobody takes a sealed account's id, or the last role that approves", async () => {
  const person = { userId: "sealed-1", name: "Testcase Taker", staffNumber: "1", roles: ["paramedic"], reason: "Test" };
  expect((await configuration.post("people", person)).json().code).toBe("id-taken");
  const approvers = (await controlLog().all("person")).filter(({ state }) =>
    (state.roles as string[]).some((role) => ["governance", "continuity", "external-approver"].includes(role)),
  );
  const answers: string[] = [];
  for (const { id, position, state } of approvers) {
    const { name, staffNumber } = state as { name: string; staffNumber: string };
    const body = { name, staffNumber, roles: ["paramedic"], reason: "Test", expected: position };
    const answer = await configuration.post(`people/${id}`, body);
    answers.push(answer.status === 200 ? "taken" : answer.json().code);
  }
  expect(answers.at(-1)).toBe("last-approver");
  expect(answers.filter((each) => each !== "taken")).toHaveLength(1);
});
