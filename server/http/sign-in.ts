import type { FastifyRequest } from "fastify";
import type { Cell } from "../cell.ts";
import type { Principal } from "../identity/identity.ts";
import type { CellZone } from "../trusts.ts";
import { ProblemError } from "./problem-error.ts";

/** The device that the token names, or a 401. A token of another zone does not count here. */
export const principalOf = (cell: Cell, zone: CellZone, token: string | undefined): Principal => {
  const principal = token === undefined ? null : cell.identity.authenticate(token);
  if (principal?.zone === zone) return principal;
  throw new ProblemError(
    401,
    "sign-in",
    "This device is not signed in here.",
    "Enrol it again; what it holds is kept.",
  );
};

export const bearerOf = (request: FastifyRequest): string | undefined =>
  /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];

/** Reading ends with the token's term; pushing never does. */
export const mayRead = (principal: Principal): Principal => {
  if (principal.readsUntilMs > Date.now()) return principal;
  throw new ProblemError(
    401,
    "sign-in-expired",
    "This device's term to read has ended.",
    "Enrol it again; pushing goes on.",
  );
};
