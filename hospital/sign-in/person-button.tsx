import { useState } from "react";
import { addPasskey, type PlaceFault } from "#client/sign-in.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { Icon } from "#ui/icons.tsx";
import { shortName } from "../cells/endpoints.ts";
import { useCells } from "../cells/use-cells.ts";
import { usePerson } from "./person.ts";
import { signedInPlaces, signOut } from "./places.ts";
import { SignInDialog } from "./sign-in-dialog.tsx";

/** Who is signed in at this screen, where nobody is yet, and the way out. */
export const PersonButton = () => {
  const { cells, snapshots } = useCells();
  const person = usePerson();
  const [asking, setAsking] = useState<"sign-in" | "account" | null>(null);
  const [stillAt, setStillAt] = useState<string | null>(null);
  const close = () => setAsking(null);
  const missing = snapshots.filter(({ client }) => client.phase === "ready" && client.signedIn === null);

  const leave = () => {
    const url = snapshots.map(({ client }) => client.signedIn?.signOutUrl).find((each) => each !== undefined);
    close();
    setStillAt(url ?? null);
    void signOut(cells);
  };
  return (
    <>
      {person === null ? (
        <button type="button" className="button quiet" onClick={() => setAsking("sign-in")}>
          <Icon name="person" size={22} /> Sign in
        </button>
      ) : (
        <>
          <button type="button" className="button quiet" onClick={() => setAsking("account")}>
            <Icon name="person" size={22} /> {person.name}, {person.role}
          </button>
          {missing.length > 0 && (
            <button type="button" className="button quiet" onClick={() => setAsking("sign-in")}>
              Sign in at {missing.map(({ endpoint }) => shortName(endpoint)).join(" and ")} too
            </button>
          )}
          <button type="button" className="button quiet" onClick={leave}>
            Sign out
          </button>
        </>
      )}
      {asking === "sign-in" && <SignInDialog onDone={close} onClose={close} />}
      {asking === "account" && person !== null && <Account name={person.name} onClose={close} />}
      {stillAt !== null && <StillSignedIn url={stillAt} onClose={() => setStillAt(null)} />}
    </>
  );
};

/** What a signed-in person can do for their own sign-in. */
const Account = ({ name, onClose }: { name: string; onClose: () => void }) => {
  const { cells } = useCells();
  const [told, setTold] = useState<readonly PlaceFault[] | "made" | null>(null);
  const make = async () => {
    try {
      const faults = await addPasskey(signedInPlaces(cells), "Made at a hospital screen", undefined);
      setTold(faults.length === 0 ? "made" : faults);
    } catch (failure) {
      setTold([{ name: "", words: failure instanceof Error ? failure.message : "Try again." }]);
    }
  };
  return (
    <Dialog title={name} onClose={onClose}>
      <div className="stack">
        <p className="soft">With a passkey you can sign in even when your organisation's sign-in is cut off.</p>
        {told === "made" && <p role="status">Your passkey is made. Next time, use it.</p>}
        {told !== null &&
          told !== "made" &&
          told.map((fault) => (
            <Fault key={fault.name} words={fault.name === "" ? fault.words : `${fault.name}: ${fault.words}`} />
          ))}
        <button data-first type="button" className="button big" onClick={() => void make()}>
          Make a passkey
        </button>
      </div>
    </Dialog>
  );
};

/** On a shared screen the next person must not find this one still signed in at the provider. */
const StillSignedIn = ({ url, onClose }: { url: string; onClose: () => void }) => (
  <Dialog title="You are signed out here" onClose={onClose}>
    <div className="stack">
      <p>Your organisation's own sign-in may still be open in this browser.</p>
      <a data-first className="button big" href={url}>
        Sign out there too
      </a>
    </div>
  </Dialog>
);
