import { useEffect, useState } from "react";
import { proposalCount } from "#protocol/control/proposals.ts";
import { useDesk } from "../desk/desk-context.ts";

const decided = new EventTarget();
/** Something was decided here: whoever shows the count asks again. */
export const announceProposals = (): void => void decided.dispatchEvent(new Event("decided"));

/** How many proposals wait, asked again with each page that is opened; undefined for who may not approve, and until the answer. */
export const useWaitingCount = (mayApprove: boolean, page: string): number | undefined => {
  const desk = useDesk();
  const [count, setCount] = useState<number>();
  useEffect(() => {
    if (!mayApprove) return;
    let overtaken = false;
    const ask = () =>
      desk.read(proposalCount, "/control/v1/proposals/count").then(
        ({ waiting }) => {
          if (!overtaken) setCount(waiting);
        },
        // The page itself says what is wrong.
        () => {},
      );
    void ask();
    decided.addEventListener("decided", ask);
    return () => {
      overtaken = true;
      decided.removeEventListener("decided", ask);
    };
  }, [desk, mayApprove, page]);
  return count;
};
