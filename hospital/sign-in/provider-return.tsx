import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { addPasskey, lacksPasskey } from "#client/sign-in.ts";
import { Fault } from "#ui/fault.tsx";
import { OfferPasskey } from "#ui/offer-passkey.tsx";
import { useCells } from "../cells/use-cells.ts";
import { signedInPlaces } from "./places.ts";
import { comeBack } from "./provider-trip.ts";

/** Where the provider sends the browser back to: takes the answer, and goes on to where the person was. */
export const ProviderReturn = () => {
  const { cells } = useCells();
  const [, go] = useLocation();
  const [told, setTold] = useState<{ from: string; faults: string[] } | null>(null);
  const [offeredFrom, setOfferedFrom] = useState<string | null>(null);
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    const query = location.search.slice(1);
    // The answer is good once, and is nothing to be kept in the history.
    history.replaceState(null, "", location.pathname);
    void comeBack(cells, query).then(async (back) => {
      if (back === null) return;
      if (back.faults.length > 0) return setTold(back);
      // Whether there is one is no reason to keep anybody out.
      const [place] = signedInPlaces(cells);
      if (place && (await lacksPasskey(place).catch(() => false))) setOfferedFrom(back.from);
      else go(back.from, { replace: true });
    });
  }, [cells, go]);
  if (offeredFrom !== null)
    return (
      <main className="centre">
        <OfferPasskey
          onMake={async () => {
            const [left] = await addPasskey(signedInPlaces(cells), "Made at a hospital screen", undefined);
            if (left) throw new Error(`${left.name}: ${left.words}`);
          }}
          onDone={() => go(offeredFrom, { replace: true })}
        />
      </main>
    );
  return (
    <main className="centre">
      <div className="stack">
        <h1>Signing in</h1>
        {told === null ? (
          <p role="status">One moment…</p>
        ) : (
          <>
            {told.faults.map((words) => (
              <Fault key={words} words={words} />
            ))}
            <button type="button" className="button big" onClick={() => go(told.from, { replace: true })}>
              Continue
            </button>
          </>
        )}
      </div>
    </main>
  );
};
