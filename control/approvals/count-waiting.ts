import { useEffect } from "react";
import { proposalCount } from "#protocol/control/proposals.ts";
import { useAnswer } from "#ui/use-answer.ts";
import { useDesk } from "../desk/desk-context.ts";

const decided = new EventTarget();
/** Something was decided here: whoever shows the count asks again. */
export const announceProposals = (): void => void decided.dispatchEvent(new Event("decided"));

/** How many proposals wait, asked again with each page that is opened; undefined for who may not approve, and until the answer. */
export const useWaitingCount = (mayApprove: boolean, page: string): number | undefined => {
  const desk = useDesk();
  // What goes wrong the page itself says.
  const { answer, refresh } = useAnswer(
    async () => (mayApprove ? desk.read(proposalCount, "/control/v1/proposals/count") : undefined),
    [desk, mayApprove, page],
  );
  useEffect(() => {
    decided.addEventListener("decided", refresh);
    return () => decided.removeEventListener("decided", refresh);
  }, [refresh]);
  return answer?.waiting;
};
