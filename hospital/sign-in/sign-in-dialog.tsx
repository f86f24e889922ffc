import { useEffect, useState } from "react";
import { addPasskey, type PlaceFault, readWays, signInByPasskey } from "#client/sign-in.ts";
import type { SignInWays } from "#protocol/sign-in.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { atStandby } from "../cells/standby.ts";
import { useCells } from "../cells/use-cells.ts";
import { CodeForm } from "./code-form.tsx";
import { oneAtATime, openPlaces } from "./places.ts";
import { leaveForProvider } from "./provider-trip.ts";
import { SealedAccountForm } from "./sealed-account-form.tsx";

interface SignInDialogProps {
  /** Somebody is signed in at every trust that was asked. */
  onDone: () => void;
  onClose: () => void;
}

/** A person's own sign-in at a shared screen. Each way takes two factors; there is no name to type. */
export const SignInDialog = ({ onDone, onClose }: SignInDialogProps) => {
  const { cells, snapshots } = useCells();
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState<readonly PlaceFault[]>([]);
  const providers = useProviders();

  const attempt = async (work: () => Promise<readonly PlaceFault[]>) => {
    setBusy(true);
    setFaults([]);
    try {
      const left = await work();
      setFaults(left);
      if (left.length === 0) onDone();
    } catch (failure) {
      setFaults([{ name: "", words: failure instanceof Error ? failure.message : "Try again." }]);
    }
    setBusy(false);
  };
  const byPasskey = () => attempt(() => oneAtATime(cells, () => signInByPasskey(openPlaces(cells))));
  const byProvider = (trusts: readonly string[], code?: string) =>
    attempt(async () => {
      await leaveForProvider(cells, trusts, location.pathname, code);
      // The browser is leaving: nothing of this page is pressed any more.
      return new Promise(() => {});
    });
  const byCode = (code: string) =>
    attempt(async () => {
      await addPasskey(openPlaces(cells), "Made with the desk's code", code);
      return oneAtATime(cells, () => signInByPasskey(openPlaces(cells)));
    });

  return (
    <Dialog title="Sign in" onClose={onClose}>
      <div className="stack">
        {faults.map(({ name, words }) => (
          <Fault key={name} words={name === "" ? words : `${name}: ${words}`} />
        ))}
        {atStandby(snapshots).length > 0 && (
          <p>
            The base does not answer, and the standby knows no sign-in of the base's. Use your passkey, or a sealed
            account; codes of the desk are the base's.
          </p>
        )}
        <button data-first type="button" className="button big" disabled={busy} onClick={() => void byPasskey()}>
          Use your passkey
        </button>
        {[...providers].map(([name, trusts]) => (
          <button
            key={name}
            type="button"
            className="button big quiet"
            disabled={busy}
            onClick={() => void byProvider(trusts)}
          >
            Sign in with {name}
          </button>
        ))}
        <details>
          <summary>I have a code from the desk, and no passkey yet</summary>
          <CodeForm action="Make a passkey and sign in" busy={busy} onCode={(code) => void byCode(code)} />
        </details>
        {[...providers].map(([name, trusts]) => (
          <details key={name}>
            <summary>I was given a code for {name}</summary>
            <CodeForm action={`Go on to ${name}`} busy={busy} onCode={(code) => void byProvider(trusts, code)} />
          </details>
        ))}
        <details>
          <summary>Nobody can sign in: open a sealed account</summary>
          <SealedAccountForm
            busy={busy}
            onOpen={(work) =>
              void attempt(async () => {
                await oneAtATime(cells, work);
                return [];
              })
            }
          />
        </details>
        {faults.some(({ name }) => name !== "") && (
          <button type="button" className="button quiet" onClick={onClose}>
            Go on without
          </button>
        )}
      </div>
    </Dialog>
  );
};

/** Providers of the trusts where nobody is signed in yet, by name; several trusts may have the same. */
const useProviders = (): ReadonlyMap<string, readonly string[]> => {
  const { cells } = useCells();
  const [ways, setWays] = useState<ReadonlyMap<string, SignInWays>>(new Map());
  useEffect(() => {
    let wanted = true;
    for (const cell of cells) {
      const { endpoint, client } = cell.getSnapshot();
      if (client.phase !== "ready" || client.signedIn !== null) continue;
      readWays(cell.client.signInPlace).then(
        (answer) => wanted && setWays((before) => new Map(before).set(endpoint.trust, answer)),
        // A trust that does not answer offers nothing; the board says so.
        () => {},
      );
    }
    return () => {
      wanted = false;
    };
  }, [cells]);
  const byName = new Map<string, string[]>();
  // In the order of the cells: the same way each time.
  for (const cell of cells) {
    const { trust } = cell.getSnapshot().endpoint;
    const name = ways.get(trust)?.provider?.name;
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), trust]);
  }
  return byName;
};
