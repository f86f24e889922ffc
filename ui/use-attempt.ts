import { useState } from "react";

/** What went wrong, in the failure's own words where it has some. */
export const wordsOf = (failure: unknown): string =>
  failure instanceof Error ? failure.message : "This did not work. Try again.";

/** What a button does: once at a time, and what went wrong last. */
export const useAttempt = () => {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFault(null);
    try {
      await work();
    } catch (failure) {
      setFault(wordsOf(failure));
    }
    setBusy(false);
  };
  return { busy, fault, attempt };
};
