import type { ProposalRow } from "#protocol/control/proposals.ts";
import type { DeskRecord } from "#protocol/control/records.ts";
import type { TestAnswer, TestServer } from "./boot.ts";
import { openTestDesk, type TestDesk } from "./desk.ts";
import { controlLogOf } from "./devices.ts";
import { sql } from "./postgres.ts";

export const because = { "holdfast-reason": encodeURIComponent("Request 1234 of the patient") };

/** What a test does with the disposal of records at Northmoor: the records officer proposes, governance decides. */
export const openDisposals = async (server: TestServer) => {
  const office = await openTestDesk(server, "n-field", ["records"]);
  const approver = await openTestDesk(server, "n-banda", ["governance"]);
  const cell = () => server.cells.get("northmoor")!;
  const controlLog = () => controlLogOf(server);
  const ask = <Row extends Record<string, unknown>>(text: string, values?: unknown[]) =>
    sql<Row>(cell().databaseUrl("owner"), text, values);

  const read = async (recordId: string): Promise<DeskRecord> =>
    (await office.get(`records/${recordId}`, because)).json<DeskRecord>();
  const propose = async (recordId: string, by: TestDesk = office): Promise<TestAnswer> => {
    const expected = (await controlLog().find("record", recordId))?.position ?? 0;
    const body = { early: true, reason: "Kept without a lawful basis", expected };
    return by.post(`records/${recordId}/disposal`, body, because);
  };
  const waiting = async (recordId: string, desk = approver): Promise<ProposalRow | undefined> =>
    (await desk.get(`proposals?find=${recordId}`)).json().rows[0];
  const decide = (
    { proposalId, position }: ProposalRow,
    { by = approver, decision = "approve" }: { by?: TestDesk; decision?: "approve" | "decline" } = {},
  ): Promise<TestAnswer> =>
    by.post(`proposals/${proposalId}`, { decision, words: "I have looked at it", expected: position });
  const dispose = async (recordId: string): Promise<void> => {
    const proposed = await propose(recordId);
    if (proposed.status !== 200) throw new Error(`the proposal was answered ${proposed.status}: ${proposed.text}`);
    const decided = await decide((await waiting(recordId))!);
    if (decided.json().state !== "done") throw new Error(`the decision was answered ${decided.text}`);
  };
  const mark = async (recordId: string, hold: boolean): Promise<TestAnswer> => {
    const expected = (await controlLog().find("record", recordId))?.position ?? 0;
    return office.post(`records/${recordId}/marks`, { hold, reason: "A claim", expected }, because);
  };
  const hasKey = async (recordId: string): Promise<boolean> =>
    (await ask("SELECT FROM record_key WHERE record_id = $1", [recordId])).length === 1;
  return { office, approver, cell, controlLog, ask, read, propose, waiting, decide, dispose, mark, hasKey };
};
