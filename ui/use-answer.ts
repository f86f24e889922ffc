import { useCallback, useEffect, useState } from "react";
import { wordsOf } from "./use-attempt.ts";

/** The answer to the latest question, asked anew when the question changes; one that was overtaken is dropped. */
export const useAnswer = <T>(ask: () => Promise<T>, question: readonly unknown[]) => {
  const [answer, setAnswer] = useState<T>();
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(true);
  const [again, setAgain] = useState(0);
  useEffect(() => {
    let overtaken = false;
    const settle = (said: () => void) => {
      if (overtaken) return;
      said();
      setBusy(false);
    };
    setBusy(true);
    ask().then(
      (given) =>
        settle(() => {
          setAnswer(given);
          setFault(null);
        }),
      (failure: unknown) => settle(() => setFault(wordsOf(failure))),
    );
    return () => {
      overtaken = true;
    };
  }, [...question, again]);
  const refresh = useCallback(() => setAgain((before) => before + 1), []);
  return { answer, fault, busy, refresh };
};
