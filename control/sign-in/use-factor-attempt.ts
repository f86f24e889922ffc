import { useState } from "react";
import { useAttempt } from "#ui/use-attempt.ts";
import { DeskFailure } from "../desk/desk-failure.ts";

/** What a button does, where the base may want the second factor once more: `asksFactor` until it is tried again. */
export const useFactorAttempt = () => {
  const { busy, fault, attempt: attemptOnce } = useAttempt();
  const [asksFactor, setAsksFactor] = useState(false);
  const attempt = (work: () => Promise<void>): Promise<void> =>
    attemptOnce(async () => {
      setAsksFactor(false);
      try {
        await work();
      } catch (failure) {
        setAsksFactor(failure instanceof DeskFailure && failure.code === "step-up-needed");
        throw failure;
      }
    });
  return { busy, fault, asksFactor, attempt };
};
