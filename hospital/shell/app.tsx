import { Link, Route, Switch, useLocation } from "wouter";
import { useIdleSignOut } from "#ui/idle-sign-out.ts";
import { Board } from "../arrivals/board.tsx";
import { CameraScreen } from "../camera/camera-screen.tsx";
import { openedHere } from "../camera/opened-here.ts";
import type { Cell } from "../cells/cell.ts";
import { CellsContext, useCells } from "../cells/use-cells.ts";
import { FindScreen } from "../find/find-screen.tsx";
import { PatientScreen } from "../patient/patient-screen.tsx";
import { EnrolScreen } from "../sign-in/enrol-screen.tsx";
import { usePerson } from "../sign-in/person.ts";
import { signOut } from "../sign-in/places.ts";
import { ProviderReturn } from "../sign-in/provider-return.tsx";
import { returnPath } from "../sign-in/provider-trip.ts";
import { SignInFirst } from "../sign-in/sign-in-first.tsx";
import { StandbyNotice } from "./standby-notice.tsx";
import "#ui/look.css";
import "#ui/components.css";
import "./app.css";

export const App = ({ cells }: { cells: readonly Cell[] }) => (
  <CellsContext value={cells}>
    <StandbyNotice />
    <Screens />
  </CellsContext>
);

/** A screen that has enrolled nowhere can only enrol; one that has at one trust shows what that one tells. */
const Screens = () => {
  const { cells, snapshots } = useCells();
  const [, go] = useLocation();
  const person = usePerson();
  useIdleSignOut(person !== null, () => signOut(cells));
  const phases = snapshots.map(({ client }) => client.phase);
  if (phases.includes("other-tab"))
    return <Message title="The board is open in another tab" words="Close that tab, and it goes on here." />;
  if (phases.every((phase) => phase === "broken"))
    return (
      <Message
        title="This screen cannot keep anything"
        words={
          snapshots[0]?.client.failure?.message ?? "The browser refuses its store. Reload, or use another browser."
        }
      />
    );
  if (!phases.includes("ready")) return <EnrolScreen />;
  return (
    <Switch>
      <Route path="/enrol">
        <EnrolScreen onDone={() => go("/")} />
      </Route>
      <Route path="/patient/:trust/:recordId">
        {({ trust, recordId }) => {
          const cell = cells.find((one) => one.getSnapshot().endpoint.trust === trust);
          if (cell?.getSnapshot().client.phase !== "ready") return <NotHere />;
          if (cell.getSnapshot().client.signedIn === null && !openedHere.mayOpen(cell, recordId))
            return <SignInFirst />;
          return <PatientScreen key={recordId} cell={cell} recordId={recordId} />;
        }}
      </Route>
      <Route path="/camera">
        <CameraScreen />
      </Route>
      <Route path="/find">{person === null ? <SignInFirst /> : <FindScreen key={person.userId} />}</Route>
      <Route path={returnPath}>
        <ProviderReturn />
      </Route>
      <Route path="/">
        <Board />
      </Route>
      <Route>
        <NotHere />
      </Route>
    </Switch>
  );
};

const Message = ({ title, words }: { title: string; words: string }) => (
  <main className="centre">
    <div className="stack">
      <h1>{title}</h1>
      <p>{words}</p>
    </div>
  </main>
);

const NotHere = () => (
  <main className="centre">
    <div className="stack">
      <h1>There is nothing here</h1>
      <Link href="/" className="button">
        Arrivals
      </Link>
    </div>
  </main>
);
