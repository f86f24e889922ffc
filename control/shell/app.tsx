import { useSyncExternalStore } from "react";
import { useLocation } from "wouter";
import type { Desk } from "../desk/desk.ts";
import { DeskContext } from "../desk/desk-context.ts";
import type { TrustEndpoint } from "../desk/endpoints.ts";
import { ReturnScreen } from "../sign-in/return-screen.tsx";
import { SetUpScreen } from "../sign-in/set-up-screen.tsx";
import { SignInScreen } from "../sign-in/sign-in-screen.tsx";
import { returnPath } from "../sign-in/ways-in.ts";
import { Pages } from "./pages.tsx";
import { StandbyNotice } from "./standby-notice.tsx";
import "#ui/look.css";
import "#ui/components.css";
import "./app.css";

export const App = ({ desk, trusts }: { desk: Desk; trusts: readonly TrustEndpoint[] }) => {
  const state = useSyncExternalStore(desk.subscribe, desk.getState);
  const [path] = useLocation();
  const isBack = path === returnPath && state.phase !== "new";
  return (
    <DeskContext value={desk}>
      <StandbyNotice state={state} />
      {isBack && <ReturnScreen />}
      {state.phase === "new" && <SetUpScreen trusts={trusts} />}
      {!isBack && state.phase === "signed-out" && <SignInScreen trustName={state.trustName} />}
      {!isBack && state.phase === "signed-in" && <Pages state={state} />}
    </DeskContext>
  );
};
