import { useMemo, useState } from "react";
import type { Client } from "#client/client.ts";
import { OpenRecord } from "./record/open-record.tsx";
import { usePlace } from "./record/use-place.ts";
import { EnrolScreen } from "./screens/enrol/enrol-screen.tsx";
import { HomeScreen } from "./screens/home/home-screen.tsx";
import { MenuSheet } from "./screens/home/menu-sheet.tsx";
import { ShiftScreen } from "./screens/shift/shift-screen.tsx";
import { SignInScreen } from "./screens/shift/sign-in-screen.tsx";
import { ClientProvider, useSnapshot } from "./shell/client-context.tsx";
import { lackingOf } from "./shell/service.ts";
import { ServiceFrame } from "./shell/service-frame.tsx";
import { authorOf, type Shift, storedShift, storeShift } from "./shift.ts";
import { pinSignIn, type SignIn } from "./sign-in/sign-in.ts";
import "#ui/look.css";
import "./app.css";

/** The tablet: which screen is right follows from the client's phase, the shift, and the address. */
export const App = ({ client }: { client: Client }) => (
  <ClientProvider value={client}>
    <Screens client={client} signIn={pinSignIn(client)} />
  </ClientProvider>
);

const Screens = ({ client, signIn }: { client: Client; signIn: SignIn }) => {
  const snapshot = useSnapshot();
  const [shift, setShift] = useState<Shift | null>(storedShift);
  const [place, go] = usePlace();
  const [menu, setMenu] = useState(false);
  const { phase, enrolment, person } = snapshot;
  const author = useMemo(() => person && authorOf(person, signIn.strength), [person, signIn.strength]);
  const startShift = (next: Shift | null) => {
    storeShift(next);
    setShift(next);
  };

  if (phase === "ready" && enrolment !== null && author !== null && shift !== null) {
    const menuSheet = menu ? (
      <MenuSheet
        onClose={() => setMenu(false)}
        onEndShift={() => {
          setMenu(false);
          startShift(null);
        }}
      />
    ) : null;
    const shared = { client, enrolment, shift, author, go, onMenu: () => setMenu(true) };
    return (
      <>
        {place.at === "record" ? (
          <OpenRecord key={place.recordId} {...shared} place={place} />
        ) : (
          <HomeScreen {...shared} />
        )}
        {menuSheet}
      </>
    );
  }
  return (
    <div className="app">
      <ServiceFrame />
      {phase === "new" ? (
        <EnrolScreen />
      ) : phase === "locked" && enrolment !== null ? (
        <SignInScreen
          signIn={signIn}
          trustName={enrolment.trustName}
          demonstration={enrolment.demonstration}
          last={shift?.crew[0] ?? null}
        />
      ) : phase === "ready" && enrolment !== null && person !== null ? (
        <ShiftScreen enrolment={enrolment} person={person} lacking={lackingOf(snapshot)} onStart={startShift} />
      ) : (
        <main className="stack pad-in">
          <h1>{phase === "other-tab" ? "Holdfast is open in another tab" : "This tablet's store cannot be used"}</h1>
          <p>
            {phase === "other-tab"
              ? "One tab writes. Go on in the other one, or close it: this one then takes over."
              : "Nothing can be saved here now. Use another tablet or paper, and tell the trust's desk."}
          </p>
        </main>
      )}
    </div>
  );
};
