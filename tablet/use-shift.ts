import { useEffect, useState } from "react";
import type { Client } from "#client/client.ts";
import { type Shift, storedShift, storeShift } from "./shift.ts";

/** The shift, looked at anew whenever the tablet is opened or locked: it may have run out meanwhile. Null between shifts. */
export const useShift = (client: Client, isOpen: boolean): [Shift | null, (next: Shift | null) => void] => {
  const [shift, setShift] = useState(storedShift);
  const [wasOpen, setWasOpen] = useState(isOpen);
  // As it is drawn, so that nothing of a shift that is over shows first.
  if (isOpen !== wasOpen) {
    setWasOpen(isOpen);
    setShift(storedShift);
  }

  // What was opened for a reason was for this shift: ended by hand or run out, it goes.
  const isBetweenShifts = isOpen && shift === null;
  useEffect(() => {
    if (isBetweenShifts) void client.earlier.drop().catch(() => {});
  }, [client, isBetweenShifts]);

  const change = (next: Shift | null): void => {
    storeShift(next);
    setShift(next);
  };
  return [shift, change];
};
