import { type FormEvent, useState } from "react";
import { addPasskey, openSealedAccount, signInByPasskey } from "#client/sign-in.ts";
import { CodeField } from "#ui/code-field.tsx";
import { Fault } from "#ui/fault.tsx";
import { TextField } from "#ui/text-field.tsx";
import { ThemeChoice } from "#ui/theme-choice.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { leaveForProvider, orThrow } from "./ways-in.ts";
import { WaysPanel } from "./ways-panel.tsx";

/** A desk with nobody signed in. Whatever the provider does, a passkey and the sealed accounts still open it. */
export const SignInScreen = ({ trustName }: { trustName: string }) => {
  return (
    <main className="centre">
      <div className="card enrol stack">
        <h1>{trustName}: desk</h1>
        <p className="soft">Sign in. Everybody shows two factors; a passkey is both.</p>
        <WaysPanel />
        <FirstPasskey />
        <FirstProvider />
        <SealedAccount />
        <ThemeChoice />
      </div>
    </main>
  );
};

/** For somebody to whom the desk gave a code, because they have no way to sign in yet. */
const FirstPasskey = () => {
  const desk = useDesk();
  const signIn = async (code: string) => {
    const places = [desk.signInPlace()];
    await orThrow(addPasskey(places, "Desk", code));
    await orThrow(signInByPasskey(places));
  };
  return <CodeWay way="a passkey" label="Passkey code" action="Make a passkey and sign in" onCode={signIn} />;
};

/** For somebody whom the provider knows and this trust does not yet know by that name. */
const FirstProvider = () => {
  const desk = useDesk();
  const leave = (code: string) => leaveForProvider(desk, code);
  return <CodeWay way="the provider" label="Provider code" action="Go on to the provider" onCode={leave} />;
};

interface CodeWayProps {
  /** What the code is for. */
  way: string;
  label: string;
  action: string;
  onCode: (code: string) => Promise<void>;
}

/** A way in for which somebody was given a code. */
const CodeWay = ({ way, label, action, onCode }: CodeWayProps) => {
  const [code, setCode] = useState("");
  const { busy, fault, attempt } = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(() => onCode(code.trim()));
  };
  return (
    <details>
      <summary>I was given a code for {way}</summary>
      <form className="stack" onSubmit={submit}>
        <CodeField label={label} value={code} onChange={setCode} />
        <Fault words={fault} />
        <button type="submit" className="button quiet" disabled={busy || code.trim().length < 4}>
          {action}
        </button>
      </form>
    </details>
  );
};

/** The day nobody else can sign in. */
const SealedAccount = () => {
  const desk = useDesk();
  const [code, setCode] = useState("");
  const [reason, setReason] = useState("");
  const { busy, fault, attempt } = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(() => openSealedAccount(desk.signInPlace(), { code: code.trim(), reason: reason.trim() }));
  };
  return (
    <details>
      <summary>Open a sealed account</summary>
      <form className="stack" onSubmit={submit}>
        <p className="chip alarm">▲ This raises an alert, and somebody reviews it</p>
        <CodeField label="Printed code" value={code} onChange={setCode} />
        <TextField label="Why it is opened" value={reason} onChange={setReason} maxLength={500} />
        <Fault words={fault} />
        <button
          type="submit"
          className="button quiet"
          disabled={busy || code.trim().length < 4 || reason.trim().length < 3}
        >
          Open it
        </button>
      </form>
    </details>
  );
};
