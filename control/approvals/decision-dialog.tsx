import { type ProposalDecision, type ProposalRow, proposalDecided } from "#protocol/control/proposals.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
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
    const body: ProposalDecision = { decision, words, expected: row.position };
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
      {isApproval && <p>{consequenceOf(row)}</p>}
    </ChangeDialog>
  );
};

const actionOf = ({ what }: ProposalRow): string =>
  what === "disposal" ? "Dispose of the record for good" : what === "roles" ? "Give the role" : "Let the code open";

const consequenceOf = (row: ProposalRow): string => {
  const { what, person } = row;
  if (what === "disposal")
    return "Its key is destroyed on this server at once: nobody reads the record again, and nothing brings it back. Who has seen it stays in the access log.";
  if (what === "roles")
    return `${person} has ${waysInWords(row)}. Be sure that it is ${person} who signs in with them, and that the role is their work.`;
  return `Whoever types the code signs in as ${person}. Be sure that ${person} has it, and has asked for it.`;
};
