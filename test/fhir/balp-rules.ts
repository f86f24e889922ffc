import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from "#sharing/fhir/r4.ts";

/**
 * What IHE's Basic Audit Log Patterns 1.1 ask beyond FHIR's AuditEvent, of the profiles that are claimed here. Their package is
 * on no registry that the project installs from, so the rules stand here as the guide says them: profiles.ihe.net/ITI/BALP.
 */
export const balpFindings = (event: AuditEvent): string[] => {
  const profiles = event.meta?.profile ?? [];
  return profiles.flatMap((url) => {
    const name = url.replace("https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.", "");
    const rules = profileRules[name];
    if (rules === undefined) return [`no such profile in BALP: ${url}`];
    return rules.filter(([, holds]) => !holds(event)).map(([what]) => `${name}: ${what}`);
  });
};

type Rule = [what: string, holds: (event: AuditEvent) => boolean];

const is = (coding: Coding | undefined, system: string, code: string): boolean =>
  coding?.system === system && coding.code === code;
const dicom = "http://dicom.nema.org/resources/ontology/DCM";
const hl7 = (name: string) => `http://terminology.hl7.org/CodeSystem/${name}`;
const agents = (event: AuditEvent, system: string, code: string): AuditEventAgent[] =>
  event.agent.filter(({ type }) => type?.coding?.some((coding) => is(coding, system, code)));
const entities = (event: AuditEvent, code: string): AuditEventEntity[] =>
  (event.entity ?? []).filter(({ type }) => is(type, hl7("audit-entity-type"), code));
const users = (event: AuditEvent) => agents(event, hl7("v3-ParticipationType"), "IRCP");

const patient: Rule[] = [
  ["entity:patient is there once", (event) => entities(event, "1").length === 1],
  ["entity:patient has the role Patient", (event) => is(entities(event, "1")[0]?.role, hl7("object-role"), "1")],
  ["entity:patient is a Patient", (event) => /^Patient\/.+/.test(entities(event, "1")[0]?.what?.reference ?? "")],
  ["there are two entities or more", (event) => (event.entity ?? []).length >= 2],
];

/** Source and destination are there once each, with who and where. */
const ends: Rule[] = ["110152", "110153"].flatMap((code): Rule[] => [
  [`agent ${code} is there once`, (event) => agents(event, dicom, code).length === 1],
  [`agent ${code} says who`, (event) => agents(event, dicom, code)[0]?.who !== undefined],
  [`agent ${code} says where`, (event) => agents(event, dicom, code)[0]?.network !== undefined],
  [`agent ${code} has no media`, (event) => agents(event, dicom, code)[0]?.media === undefined],
]);

const profileRules: Record<string, Rule[]> = {
  PatientRead: [
    ["type is rest", ({ type }) => is(type, hl7("audit-event-type"), "rest")],
    [
      "subtype is read",
      ({ subtype }) => (subtype ?? []).some((coding) => is(coding, "http://hl7.org/fhir/restful-interaction", "read")),
    ],
    ["action is R", ({ action }) => action === "R"],
    ["outcome is 0", ({ outcome }) => outcome === "0"],
    ...ends,
    ["agent:user is there at most once", (event) => users(event).length <= 1],
    [
      "agent:user says who, asked for it, and has neither network nor media",
      (event) => users(event).every(({ who, requestor, network, media }) => who && requestor && !network && !media),
    ],
    ["entity:data is there once", (event) => entities(event, "2").length === 1],
    ["entity:data says what", (event) => entities(event, "2")[0]?.what !== undefined],
    [
      "entity:data is a report, a domain resource or a job",
      (event) => ["3", "4", "20"].some((code) => is(entities(event, "2")[0]?.role, hl7("object-role"), code)),
    ],
    [
      "entity:transaction has a value",
      ({ entity }) =>
        (entity ?? [])
          .filter(({ type }) => type?.code === "XrequestId")
          .every(({ what }) => what?.identifier?.value !== undefined),
    ],
    ...patient,
  ],
  "PrivacyDisclosure.Source": [
    ["type is Export", ({ type }) => is(type, dicom, "110106")],
    [
      "subtype is disclose",
      ({ subtype }) => (subtype ?? []).some((one) => is(one, hl7("iso-21089-lifecycle"), "disclose")),
    ],
    ["action is R", ({ action }) => action === "R"],
    ["outcome is there", ({ outcome }) => outcome !== undefined],
    ["has no modifierExtension", (event) => event.modifierExtension === undefined],
    ...ends,
    [
      "the source agent is the audit's source",
      (event) => JSON.stringify(agents(event, dicom, "110153")[0]?.who) === JSON.stringify(event.source.observer),
    ],
    ...patient,
  ],
};
