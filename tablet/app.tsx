import { useEffect, useMemo, useState } from "react";
import type { Client } from "#client/client.ts";
import { PracticeScreens } from "./practice/practice-screens.tsx";
import { OpenRecord } from "./record/open-record.tsx";
import { usePlace } from "./record/use-place.ts";
import { DowntimeScreen } from "./screens/downtime/downtime-screen.tsx";
import { NoticeBanner } from "./screens/downtime/notice-banner.tsx";
import { EarlierRecordScreen } from "./screens/earlier/earlier-record.tsx";
import { EarlierScreen } from "./screens/earlier/earlier-screen.tsx";
import { EnrolScreen } from "./screens/enrol/enrol-screen.tsx";
import { HomeScreen } from "./screens/home/home-screen.tsx";
import { MenuSheet } from "./screens/home/menu-sheet.tsx";
import { LockedTablet } from "./screens/shift/locked-tablet.tsx";
import { PinSheet } from "./screens/shift/pin-sheet.tsx";
import { ShiftScreen } from "./screens/shift/shift-screen.tsx";
import { VouchSheet } from "./screens/shift/vouch-sheet.tsx";
import { ClientProvider, useSnapshot } from "./shell/client-context.tsx";
import { restoreFocus } from "./shell/focus-memory.ts";
import { useAutoLock } from "./shell/lock.ts";
import { lackingOf } from "./shell/service.ts";
import { ServiceFrame } from "./shell/service-frame.tsx";
import { authorOf, type Shift } from "./shift.ts";
import { pinSignIn, type SignIn } from "./sign-in/sign-in.ts";
import { type VouchedPerson, vouchedAuthor } from "./sign-in/vouch.ts";
import { useShift } from "./use-shift.ts";
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
  const [place, go] = usePlace();
  const [sheet, setSheet] = useState<"menu" | "vouch" | "pin" | null>(null);
  const [writingAs, setWritingAs] = useState<string | null>(null);
  // Not in the address: whoever comes back from it is where they were.
  const [isDowntime, setDowntime] = useState(false);
  const [isPractising, setPractising] = useState(false);
  const { phase, enrolment, person } = snapshot;
  const isOpen = phase === "ready";
  const [shift, setShift] = useShift(client, isOpen);
  const vouched = useMemo(() => shift?.vouched ?? [], [shift]);
  const author = useMemo(() => {
    const other = vouched.find(({ userId }) => userId === writingAs);
    if (other !== undefined) return vouchedAuthor(other);
    return person && authorOf(person, snapshot.signIn);
  }, [person, snapshot.signIn, vouched, writingAs]);

  useAutoLock(client, isOpen, enrolment?.lockRules?.afterMinutes);
  useEffect(() => {
    if (isOpen) return restoreFocus(client);
    // Whoever unlocks next writes under their own name until they choose otherwise.
    setWritingAs(null);
  }, [client, isOpen]);
  // A practice never comes back by itself: whoever unlocks, or returns from a record, finds the tablet as it is.
  const isHome = place.at === "home";
  useEffect(() => {
    if (!isOpen || !isHome) setPractising(false);
  }, [isOpen, isHome]);

  const startShift = (next: Shift | null) => {
    setShift(next);
    setSheet(null);
  };
  const vouch = (by: Shift, newcomer: VouchedPerson) => {
    startShift({ ...by, vouched: [...vouched.filter(({ userId }) => userId !== newcomer.userId), newcomer] });
    setWritingAs(newcomer.userId);
  };

  const onDowntime = () => {
    setSheet(null);
    setDowntime(true);
  };
  const mayPractise = isOpen && isHome && shift !== null && author !== null;
  const practise = () => {
    setSheet(null);
    setDowntime(false);
    setPractising(true);
  };
  const onPractise = mayPractise ? practise : undefined;
  if (isDowntime && enrolment !== null)
    return (
      <div className="app">
        <ServiceFrame />
        <DowntimeScreen enrolment={enrolment} shift={shift} onBack={() => setDowntime(false)} onPractise={onPractise} />
      </div>
    );
  if (isOpen && enrolment !== null && person !== null && author !== null && shift !== null) {
    const shared = { client, enrolment, shift, author, go, onMenu: () => setSheet("menu"), onDowntime };
    if (isPractising && isHome) return <PracticeScreens {...shared} onClose={() => setPractising(false)} />;
    return (
      <>
        {place.at === "record" ? (
          <OpenRecord key={place.recordId} {...shared} place={place} />
        ) : place.at === "earlier" ? (
          <EarlierScreen key={place.about} {...shared} about={place.about} />
        ) : place.at === "earlier-record" ? (
          <EarlierRecordScreen key={place.recordId} {...shared} recordId={place.recordId} about={place.about} />
        ) : (
          <HomeScreen {...shared} />
        )}
        {sheet === "menu" ? (
          <MenuSheet
            author={author}
            vouched={vouched}
            onWriteAs={(userId) => {
              setWritingAs(userId);
              setSheet(null);
            }}
            onVouch={() => setSheet("vouch")}
            onDowntime={onDowntime}
            onPinCode={() => setSheet("pin")}
            onPractise={onPractise}
            onClose={() => setSheet(null)}
            onEndShift={() => startShift(null)}
          />
        ) : null}
        {sheet === "pin" ? <PinSheet onClose={() => setSheet(null)} /> : null}
        {sheet === "vouch" ? (
          <VouchSheet by={person} onVouched={(newcomer) => vouch(shift, newcomer)} onClose={() => setSheet(null)} />
        ) : null}
      </>
    );
  }
  return (
    <div className="app">
      <ServiceFrame />
      <NoticeBanner />
      {phase === "new" ? (
        <EnrolScreen />
      ) : phase === "locked" && enrolment !== null ? (
        <LockedTablet signIn={signIn} enrolment={enrolment} shift={shift} onDowntime={onDowntime} />
      ) : isOpen && enrolment !== null && person !== null ? (
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
