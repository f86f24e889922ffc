import type { ProposalRow } from "#protocol/control/proposals.ts";
import { roleInWords } from "../parts/words.ts";

/** What would happen, in one sentence. */
export const proposalInWords = ({ what, person, roles = [], recordId, connection }: ProposalRow): string => {
  if (what === "connection") return connection ?? "Another system, which is not there any more";
  if (what === "disposal") return `Dispose of the record ${recordId}`;
  if (what === "passkey-code") return `A passkey code for ${person}`;
  if (what === "pin-code") return `A code for a PIN for ${person}`;
  if (what === "provider-code") return `A code for ${person} to sign in with the provider`;
  return `${person} becomes ${roles.map(roleInWords).join(", ")}`;
};

const stateWords: Record<ProposalRow["state"], string> = {
  waiting: "Waiting",
  approved: "Agreed, and not carried out yet",
  declined: "Declined",
  lapsed: "Lapsed: nobody decided in time",
  done: "Agreed and done",
  stopped: "Agreed, then stopped",
};
export const stateInWords = ({ state }: ProposalRow): string => stateWords[state];

/** How many ways in the person has already, which somebody may have made before. */
export const waysInWords = ({ passkeys = 0, hasProvider = false }: ProposalRow): string => {
  const made =
    passkeys === 0 ? "no passkey yet" : passkeys === 1 ? "1 passkey already" : `${passkeys} passkeys already`;
  return hasProvider ? `${made}, and signs in with the provider` : made;
};
