import { signInByPasskey } from "#client/sign-in.ts";
import { StandbyStrip } from "#ui/standby-strip.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { shortName } from "../cells/endpoints.ts";
import { atStandby } from "../cells/standby.ts";
import { useCells } from "../cells/use-cells.ts";
import { oneAtATime, openPlaces } from "../sign-in/places.ts";
import { useBoardNow } from "./clock.tsx";

/** As of when each trust's patients are shown while a standby answers, and the one step to be signed in there. */
export const StandbyNotice = () => {
  const { snapshots } = useCells();
  const nowMs = useBoardNow(snapshots, 60_000);
  const shown = atStandby(snapshots);
  if (shown.length === 0) return null;
  const isSignedOut = shown.some(({ snapshot: { client } }) => client.phase === "ready" && client.signedIn === null);
  const named = shown.map(({ snapshot: { endpoint }, asOf }) => ({ name: shortName(endpoint), asOf }));
  return (
    <StandbyStrip shown={named} nowMs={nowMs} words="What is written is kept until the base has it.">
      {isSignedOut && <SignInAgain />}
    </StandbyStrip>
  );
};

const SignInAgain = () => {
  const { cells } = useCells();
  const { busy, fault, attempt } = useAttempt();
  const signIn = () =>
    attempt(async () => {
      const [left] = await oneAtATime(cells, () => signInByPasskey(openPlaces(cells)));
      if (left) throw new Error(`${left.name}: ${left.words}`);
    });
  return (
    <div className="again">
      {fault === null ? <span>Sign-ins at the base go on when it is back.</span> : <b role="alert">{fault}</b>}
      <button type="button" className="button" disabled={busy} onClick={() => void signIn()}>
        Sign in here with your passkey
      </button>
    </div>
  );
};
