import type { DeviceState } from "#protocol/device.ts";
import type { EnrolRequest, EnrolResponse } from "#protocol/enrolment.ts";
import type { SignedInPerson } from "#protocol/sign-in.ts";
import type { ConnectionType } from "#sharing/fhir/scopes.ts";
import type { CellZone } from "../trusts.ts";

/**
 * Who calls: a device (a tablet, a screen, a desk's browser), since its token is bound to its key, and the person who is
 * signed in on it, if anybody is; or another system that reads FHIR.
 */
export interface Principal {
  deviceId: string;
  /** Undefined for the device by itself: a wall board, a locked tablet. */
  person?: SignedInPerson;
  /** Of another system's token: its name, the FHIR types that it may read, and the control line that said so. `deviceId` is then its client id. */
  connection?: { name: string; types: ConnectionType[]; version: number };
  /** Of the person's session; ending it refuses the token at once. */
  sessionId?: string;
  /** When the person last showed both factors; what asks for a step-up looks at it. */
  authenticatedMs?: number;
  /** RFC 7638 thumbprint of the key that the token is bound to. Another system's may be bound to none. */
  keyThumbprint?: string;
  zone: CellZone;
  /** The site of a hospital screen; a tablet has none. */
  siteId: string | undefined;
  /** As this process knew it when the request came: only an active device reads. Undefined for one that is not known here. */
  deviceState?: DeviceState | undefined;
  /** After this instant the token reads no more. It still pushes, because what a crew wrote must get home. */
  readsUntilMs: number;
  /** Of a token whose key was rotated since: until when it read. It reads no more, and a heartbeat may give a new one for it. */
  formerlyReadUntilMs?: number;
}

/** Lets devices in, and knows them again. `enrol` rejects with a ProblemError that says what to do. */
export interface Identity {
  enrol(request: EnrolRequest, zone: CellZone): Promise<Omit<EnrolResponse, "server">>;
  /** Null for a token that is not ours, or not this cell's. */
  authenticate(token: string): Principal | null;
}
