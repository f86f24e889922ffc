import type { ProposalRow } from "#protocol/control/proposals.ts";
import { roleInWords } from "../parts/words.ts";

/** What would happen, in one sentence. */
export const proposalInWords = ({ what, person, roles = [], recordId }: ProposalRow): string => {
  if (what === "disposal") return `Dispose of the record ${recordId}`;
  if (what === "passkey-code") return `A passkey code for ${person}`;
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
export const passkeysInWords = (passkeys: number): string =>
  passkeys === 0 ? "no passkey yet" : passkeys === 1 ? "1 passkey already" : `${passkeys} passkeys already`;
