import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { balpFindings } from "#test/fhir/balp-rules.ts";
import { resourceFindings } from "#test/fhir/validate.ts";
import { type AuditedAccess, auditEventsOf } from "./audit-event.ts";
import type { AuditEvent } from "./r4.ts";

const context = {
  base: "http://care.northmoor.localhost:7402/fhir/R4",
  trust: { id: "northmoor", name: "Northmoor Ambulance Service" },
};
const [one, two] = ["01a00000-0000-7000-8000-000000000001", "01a00000-0000-7000-8000-000000000002"] as const;
const read: AuditedAccess = {
  epoch: 1,
  position: 42,
  received: "2026-11-23T03:00:00.123Z",
  deviceId: "01a00000-0000-7000-8000-00000000000d",
  person: { userId: "user-7", name: "Nurse Testcase", roles: ["hospital-nurse"] },
  zone: "care",
  action: "fhir-read",
  purpose: "direct-care",
  relation: "coming-to-my-site",
  recordIds: [one],
};
const { person: _nobody, ...byDevice } = read;
const { deviceId: _none, ...stranger } = byDevice;
/** One of each kind of line that a log holds. */
const lines: AuditedAccess[] = [
  read,
  { ...byDevice, position: 43, action: "arrivals", recordIds: [one, two], detail: "opened, 2 shown" },
  { ...read, position: 44, purpose: "break-glass", relation: "own-trust", reason: "Unconscious, \u0007no relatives" },
  { ...read, position: 45, zone: "crew", action: "open", offline: { at: "2026-11-20T10:00:00.000Z" } },
  { ...read, position: 46, zone: "control", action: "desk-copy", purpose: "records", relation: "own-trust" },
  { ...byDevice, position: 47, action: "enrol", purpose: "sign-in", relation: "device", recordIds: [] },
  { ...read, position: 48, action: "refused", relation: "none", detail: "read-record not-your-record" },
  { ...stranger, position: 49, action: "refused", purpose: "security", relation: "none", recordIds: [] },
];
const all = lines.flatMap((line) => auditEventsOf(line, context));

describe("an access line as AuditEvents", () => {
  it("is one for each patient, with ids of their own", () => {
    expect(all.map(({ id }) => id)).toEqual([
      "access-1-42",
      "access-1-43",
      "access-1-43-2",
      "access-1-44",
      "access-1-45",
      "access-1-46",
      "access-1-47",
      "access-1-48",
      "access-1-49",
    ]);
  });

  it("claims a pattern of BALP for every reading and copy that was answered, and for nothing else", () => {
    const profiles = all.map(({ meta }) => meta?.profile?.[0]?.split("IHE.BasicAudit.")[1]);
    const reading = "PatientRead";
    expect(profiles).toEqual([
      ...[reading, reading, reading, reading, reading, "PrivacyDisclosure.Source"],
      ...[undefined, undefined, undefined],
    ]);
  });

  it.each(all.map((event) => [event.id!, event] as const))("%s is valid FHIR, and what BALP asks", (_id, event) => {
    const { meta: _claims, ...plain } = event;
    expect([...resourceFindings(plain), ...balpFindings(event)]).toEqual([]);
  });

  it("names no patient, and the person by account and name", () => {
    const text = JSON.stringify(all[0]);
    expect(text).toContain(`Patient/${one}`);
    expect(text).toContain("user-7");
    expect(all[0]?.agent.find(({ requestor }) => requestor)?.name).toBe("Nurse Testcase");
    expect(all[1]?.agent.filter(({ requestor }) => requestor)).toHaveLength(1);
  });

  it("says when it was, where the log took it later", () => {
    const at = "2026-11-20T10:00:00.000Z";
    const periods = [{}, { offline: { at } }, { notedAt: at }].map(
      (more) => auditEventsOf({ ...read, ...more }, context)[0]!.period,
    );
    expect(periods).toEqual([undefined, { start: at, end: at }, { start: at, end: at }]);
  });

  it("is what the golden file has", () => {
    const text = all.map((event) => `${JSON.stringify(event)}\n`).join("");
    const file = join(import.meta.dirname, "golden", "access-lines.ndjson");
    if (process.env.HOLDFAST_WRITE_GOLDEN === "1") writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });
});

/** Each breaks one rule; rules that find none of it would prove nothing. */
const breaks: [what: string, finding: RegExp, breakIt: (event: AuditEvent) => void][] = [
  ["another type", /type is rest/, (event) => void Object.assign(event, { type: { code: "object" } })],
  ["another subtype", /subtype is read/, (event) => void Object.assign(event, { subtype: [] })],
  ["another action", /action is R/, (event) => void Object.assign(event, { action: "C" })],
  ["a failure", /outcome is 0/, (event) => void Object.assign(event, { outcome: "8" })],
  ["no server", /agent 110153 is there once/, (event) => void event.agent.splice(1, 1)],
  ["two clients", /agent 110152 is there once/, (event) => void event.agent.push({ ...event.agent[0]! })],
  ["a client without a place", /agent 110152 says where/, (event) => void delete event.agent[0]!.network],
  [
    "a user who did not ask",
    /agent:user says who/,
    (event) => void Object.assign(event.agent[2]!, { requestor: false }),
  ],
  ["no patient", /entity:patient is there once/, (event) => void event.entity!.shift()],
  [
    "a patient who is none",
    /is a Patient/,
    (event) => void Object.assign(event.entity![0]!, { what: { reference: "Group/1" } }),
  ],
  ["no data", /entity:data is there once/, (event) => void event.entity!.splice(1, 1)],
  [
    "a pattern that does not exist",
    /no such profile in BALP/,
    (event) => void Object.assign(event, { meta: { profile: ["x"] } }),
  ],
];
it.each(breaks)("BALP's rules find %s", (_what, finding, breakIt) => {
  const event = structuredClone(all[0]!);
  breakIt(event);
  expect(balpFindings(event).join("\n")).toMatch(finding);
});
