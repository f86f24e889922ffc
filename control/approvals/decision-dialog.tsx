import { type ProposalDecision, type ProposalRow, proposalDecided } from "#protocol/control/proposals.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { fullTime } from "../parts/words.ts";
import { announceProposals } from "./count-waiting.ts";
import { proposalInWords, waysInWords } from "./proposal-words.ts";

interface DecisionDialogProps {
  row: ProposalRow;
  decision: ProposalDecision["decision"];
  onDone: () => void;
  onClose: () => void;
}

/** The second person's decision. */
export const DecisionDialog = ({ row, decision, onDone, onClose }: DecisionDialogProps) => {
  const desk = useDesk();
  const isApproval = decision === "approve";
  const done = () => {
    onDone();
    announceProposals();
  };
  const change = async (words: string) => {
    const { position: expected, passkeys } = row;
    const body: ProposalDecision = { decision, words, expected, ...(passkeys !== undefined && { passkeys }) };
    await desk.change(proposalDecided, `/control/v1/proposals/${row.proposalId}`, body);
    done();
  };
  return (
    <ChangeDialog
      title={isApproval ? "Approve this" : "Decline this"}
      action={isApproval ? actionOf(row) : "Decline it"}
      reasonLabel={isApproval ? "What you looked at" : "Why not"}
      onChange={change}
      onStale={done}
      onClose={onClose}
    >
      <p>
        <strong>{proposalInWords(row)}</strong>
      </p>
      <p>
        {row.by} proposed it: “{row.reason}”
      </p>
      {row.early && (
        <p className="warned">▲ The retention term of this record has not ended: an earlier end needs a good reason.</p>
      )}
      {row.holdLifted && (
        <p className="warned">
          ▲ A legal hold on it was lifted by {row.holdLifted.by}, {fullTime(row.holdLifted.at)}.
        </p>
      )}
      {isApproval && <p>{consequenceOf(row)}</p>}
    </ChangeDialog>
  );
};

const actions: Record<ProposalRow["what"], string> = {
  disposal: "Dispose of the record for good",
  roles: "Give the role",
  "passkey-code": "Let the code open",
  "pin-code": "Let the code open",
  "provider-code": "Let the code open",
  connection: "Let it read",
};
const actionOf = ({ what }: ProposalRow): string => actions[what];

const consequenceOf = (row: ProposalRow): string => {
  const { what, person } = row;
  if (what === "disposal")
    return "Its key is destroyed on this server at once: nobody reads the record again, and nothing brings it back. Who has seen it stays in the access log.";
  if (what === "connection")
    return "It reads without a person from then on. Be sure that the keys are that system's, and that the trust has agreed with whose it is.";
  if (what === "roles")
    return `${person} has ${waysInWords(row)}. Be sure that it is ${person} who signs in with them, and that the role is their work.`;
  return `Whoever types the code signs in as ${person}. Be sure that ${person} has it, and has asked for it.`;
};
