import { useEffect, useState } from "react";
import type { Enrolment } from "#client/client.ts";
import type { Shift } from "../../shift.ts";
import type { SignIn } from "../../sign-in/sign-in.ts";
import { LetInSheet } from "./let-in-sheet.tsx";
import { LockedRecordScreen } from "./locked-record-screen.tsx";
import { PinSheet } from "./pin-sheet.tsx";
import { SignInScreen } from "./sign-in-screen.tsx";

interface LockedTabletProps {
  signIn: SignIn;
  enrolment: Enrolment;
  shift: Shift | null;
  onDowntime: () => void;
}

/** Left alone for so long, a record that was begun here is shut again: its note box may hold a name. */
const shutAfterMs = 5 * 60_000;

/** A locked tablet: who are you, or a new record that can only be written to. */
export const LockedTablet = ({ signIn, enrolment, shift, onDowntime }: LockedTabletProps) => {
  const [writing, setWriting] = useState(false);
  const [asking, setAsking] = useState<"device-code" | "pin" | null>(null);
  useEffect(() => {
    if (!writing) return;
    let timer = setTimeout(() => setWriting(false), shutAfterMs);
    const touch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setWriting(false), shutAfterMs);
    };
    for (const name of ["pointerdown", "keydown"] as const) addEventListener(name, touch, { capture: true });
    return () => {
      clearTimeout(timer);
      for (const name of ["pointerdown", "keydown"] as const) removeEventListener(name, touch, { capture: true });
    };
  }, [writing]);
  if (writing) return <LockedRecordScreen enrolment={enrolment} shift={shift} onDone={() => setWriting(false)} />;
  return (
    <>
      <SignInScreen
        signIn={signIn}
        trustName={enrolment.trustName}
        demonstration={enrolment.demonstration}
        last={shift?.crew[0] ?? null}
        crew={shift?.crew ?? []}
        onNewRecord={() => setWriting(true)}
        onNobody={() => setAsking("device-code")}
        onCode={() => setAsking("pin")}
        onDowntime={onDowntime}
      />
      {asking === "device-code" ? <LetInSheet onClose={() => setAsking(null)} /> : null}
      {asking === "pin" ? <PinSheet onClose={() => setAsking(null)} /> : null}
    </>
  );
};
