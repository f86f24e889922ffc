import type { EnrolRequest, EnrolResponse } from "#protocol/enrolment.ts";
import type { CellZone } from "../trusts.ts";

/** Who calls: always a device, since every request is signed in with a device's token. */
export interface Principal {
  deviceId: string;
  zone: CellZone;
  /** The site of a hospital screen; a tablet has none. */
  siteId: string | undefined;
  /** After this instant the token reads no more. It still pushes, because what a crew wrote must get home. */
  readsUntilMs: number;
}

/**
 * The seam for sign-in. The demonstration's knows printed codes; a trust's own asks its identity provider.
 * `enrol` rejects with a ProblemError that says what to do.
 */
export interface Identity {
  enrol(request: EnrolRequest, zone: CellZone): Promise<Omit<EnrolResponse, "server">>;
  /** Null for a token that is not ours, or not this cell's. */
  authenticate(token: string): Principal | null;
}
