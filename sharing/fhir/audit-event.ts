import { ownSystem } from "./codes.ts";
import type {
  AuditEvent,
  AuditEventAgent,
  AuditEventEntity,
  AuditEventSource,
  CodeableConcept,
  Coding,
  Reference,
} from "./r4.ts";
import { words } from "./words.ts";

/** One line of a trust's access log, as far as FHIR tells it. Instants are ISO 8601 in UTC. */
export interface AuditedAccess {
  epoch: number;
  position: number;
  received: string;
  deviceId?: string;
  person?: { userId: string; name: string; roles: readonly string[] };
  zone: string;
  action: string;
  purpose: string;
  relation: string;
  recordIds: readonly string[];
  reason?: string;
  detail?: string;
  offline?: { at: string };
  /** When a server noted it beside the log. */
  notedAt?: string;
}

export interface AuditContext {
  /** FHIR base URL without a closing slash. */
  base: string;
  trust: { id: string; name: string };
}

const balp = (profile: string): string =>
  `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${profile}`;
const dicom = (code: string, display: string): Coding => ({
  system: "http://dicom.nema.org/resources/ontology/DCM",
  code,
  display,
});
const terminology = (name: string, code: string, display: string): Coding => ({
  system: `http://terminology.hl7.org/CodeSystem/${name}`,
  code,
  display,
});

/**
 * The line as AuditEvents by IHE's Basic Audit Log Patterns: one for each patient, as they ask of an answer about several;
 * one for a line about none. What is no success, or no reading, follows FHIR's AuditEvent alone, for which there is no pattern.
 */
export const auditEventsOf = (line: AuditedAccess, context: AuditContext): AuditEvent[] => {
  const id = `access-${line.epoch}-${line.position}`;
  if (line.recordIds.length === 0) return [auditEvent(line, context, id, undefined)];
  return line.recordIds.map((recordId, at) => auditEvent(line, context, at === 0 ? id : `${id}-${at + 1}`, recordId));
};

const auditEvent = (
  line: AuditedAccess,
  context: AuditContext,
  id: string,
  recordId: string | undefined,
): AuditEvent => {
  const { profile, ...kind } = kindOf(line, recordId);
  const detail = words(line.detail);
  // Recorded later than it was.
  const at = line.offline?.at ?? line.notedAt;
  return {
    resourceType: "AuditEvent",
    id,
    ...(profile !== undefined && { meta: { profile: [balp(profile)] } }),
    ...kind,
    ...(at !== undefined && { period: { start: at, end: at } }),
    recorded: line.received,
    outcome: isRefused(line) ? "4" : "0",
    ...(detail !== undefined && { outcomeDesc: detail }),
    purposeOfEvent: [purposeOf(line)],
    agent: agentsOf(line, context),
    source: sourceOf(line, context),
    entity: entitiesOf(line, recordId),
  };
};

const isRefused = ({ action }: AuditedAccess): boolean => action === "refused";

const kindOf = (
  line: AuditedAccess,
  recordId: string | undefined,
): Pick<AuditEvent, "type" | "subtype" | "action"> & { profile?: string } => {
  const own: Coding = { system: ownSystem("access-action"), code: line.action };
  // A copy for the patient, a coroner or a court leaves the trust.
  if (recordId !== undefined && line.action === "desk-copy")
    return {
      profile: "PrivacyDisclosure.Source",
      type: dicom("110106", "Export"),
      subtype: [terminology("iso-21089-lifecycle", "disclose", "Disclose Record Lifecycle Event"), own],
      action: "R",
    };
  const rest = terminology("audit-event-type", "rest", "Restful Operation");
  if (recordId !== undefined && !isRefused(line))
    return {
      profile: "PatientRead",
      type: rest,
      subtype: [{ system: "http://hl7.org/fhir/restful-interaction", code: "read", display: "read" }, own],
      action: "R",
    };
  if (line.purpose === "sign-in") return { type: dicom("110114", "User Authentication"), subtype: [own], action: "E" };
  return { type: rest, subtype: [own], action: "E" };
};

/** Why, by the words of HL7 where they have one; and the person's own reason. */
const purposeOf = ({ purpose, reason }: AuditedAccess): CodeableConcept => {
  const code = reasonCodes[purpose];
  const coding: Coding[] = [
    ...(code === undefined ? [] : [terminology("v3-ActReason", ...code)]),
    { system: ownSystem("access-purpose"), code: purpose },
  ];
  const text = words(reason);
  return { coding, ...(text !== undefined && { text }) };
};
const reasonCodes: Record<string, [code: string, display: string]> = {
  "direct-care": ["TREAT", "treatment"],
  "break-glass": ["BTG", "break the glass"],
  records: ["RECORDMGT", "records management"],
  governance: ["HCOMPL", "health compliance"],
  security: ["HSYSADMIN", "health system administration"],
  configuration: ["HSYSADMIN", "health system administration"],
};

const device = (deviceId: string): Reference => ({ identifier: { system: ownSystem("device"), value: deviceId } });
const trustServer = ({ trust }: AuditContext): Reference => ({
  identifier: { system: ownSystem("trust"), value: trust.id },
  ...(words(trust.name) !== undefined && { display: words(trust.name)! }),
});

/**
 * The device that received, the server that gave, and who was signed in. BALP asks for the client's address: the log keeps
 * none, and a device is the same wherever it stands, so that its id is its address.
 */
const agentsOf = (line: AuditedAccess, context: AuditContext): AuditEventAgent[] => {
  const { deviceId, person, offline } = line;
  const client = deviceId === undefined ? { display: "Nobody known" } : device(deviceId);
  const address = deviceId === undefined ? undefined : `urn:uuid:${deviceId}`;
  return [
    {
      type: { coding: [dicom("110152", "Destination Role ID")] },
      who: client,
      requestor: person === undefined,
      network: address === undefined ? { type: "5" } : { address, type: "5" },
    },
    {
      type: { coding: [dicom("110153", "Source Role ID")] },
      // What was opened offline was given by the device that held it.
      who: offline ? client : trustServer(context),
      requestor: false,
      network: { address: offline && address !== undefined ? address : context.base, type: "5" },
    },
    ...(person === undefined ? [] : [userOf(person, line)]),
  ];
};

const userOf = (person: NonNullable<AuditedAccess["person"]>, line: AuditedAccess): AuditEventAgent => {
  const name = words(person.name);
  return {
    type: { coding: [terminology("v3-ParticipationType", "IRCP", "information recipient")] },
    who: { identifier: { system: ownSystem("user"), value: person.userId } },
    requestor: true,
    ...(name !== undefined && { name }),
    ...(person.roles.length > 0 && {
      role: person.roles.map((role) => ({ coding: [{ system: ownSystem("role"), code: role }] })),
    }),
    purposeOfUse: [purposeOf(line)],
  };
};

const sourceOf = ({ deviceId, offline }: AuditedAccess, context: AuditContext): AuditEventSource => {
  const isDevice = offline !== undefined && deviceId !== undefined;
  return {
    observer: isDevice ? device(deviceId) : trustServer(context),
    type: [
      isDevice
        ? terminology("security-source-type", "1", "User Device")
        : terminology("security-source-type", "4", "Application Server"),
    ],
  };
};

/** The patient and the encounter, both by the record's id; the line's place in the log; how the reader stood to the record. */
const entitiesOf = (line: AuditedAccess, recordId: string | undefined): AuditEventEntity[] => {
  const place = `${line.epoch}-${line.position}`;
  const transaction: AuditEventEntity = {
    what: { identifier: { system: ownSystem("access-line"), value: place } },
    type: {
      system: "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType",
      code: "XrequestId",
      display: "The unique transaction id",
    },
  };
  if (recordId === undefined) return [transaction];
  return [
    {
      what: { reference: `Patient/${recordId}` },
      type: terminology("audit-entity-type", "1", "Person"),
      role: terminology("object-role", "1", "Patient"),
    },
    {
      what: { reference: `Encounter/${recordId}` },
      type: terminology("audit-entity-type", "2", "System Object"),
      role: terminology("object-role", "4", "Domain Resource"),
      detail: [
        { type: "relation", valueString: words(line.relation) ?? "none" },
        { type: "zone", valueString: words(line.zone) ?? "none" },
      ],
    },
    transaction,
  ];
};
