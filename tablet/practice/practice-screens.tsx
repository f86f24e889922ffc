import { useEffect, useState, useSyncExternalStore } from "react";
import type { Client, Enrolment } from "#client/client.ts";
import type { Author } from "#domain/entry/entry.ts";
import { BesideClose } from "#ui/dialog.tsx";
import { OpenRecord } from "../record/open-record.tsx";
import { home, type Place } from "../record/places.ts";
import { notBegunWords, useNewRecord } from "../record/use-new-record.ts";
import { ClientProvider } from "../shell/client-context.tsx";
import type { Shift } from "../shift.ts";
import { openPractice, type Practice } from "./practice.ts";
import { PracticeFrame, RealPatientButton } from "./practice-frame.tsx";
import { PracticeMenu } from "./practice-menu.tsx";
import { StepsScreen } from "./steps-screen.tsx";
import "./practice.css";

interface PracticeProps {
  client: Client;
  enrolment: Enrolment;
  shift: Shift;
  author: Author;
  go: (place: Place) => void;
  onClose: () => void;
}

/** "Pull the plug": a practice on an invented patient. It is in this page's memory; taken off the screen, it is gone. */
export const PracticeScreens = ({ client, enrolment, shift, author, go, onClose }: PracticeProps) => {
  const [turn, setTurn] = useState(0);
  const [practice, setPractice] = useState<Practice | null>(null);
  const [broken, setBroken] = useState(false);
  const { begin, failed } = useNewRecord({ client, enrolment, shift, author }, go);
  useEffect(() => {
    let wanted = true;
    const opening = openPractice(client, shift, author);
    opening.then(
      (opened) => wanted && setPractice(opened),
      () => wanted && setBroken(true),
    );
    return () => {
      wanted = false;
      setPractice(null);
      void opening.then(({ close }) => close()).catch(() => {});
    };
  }, [client, turn]);

  if (practice === null)
    return (
      <main className="stack pad-in" aria-busy={!broken}>
        <h1>Practice</h1>
        <p role="status">{broken ? "The practice could not begin on this tablet." : "Making the practice …"}</p>
        <div className="actions">
          <button type="button" className="btn" onClick={onClose}>
            Back
          </button>
          <RealPatientButton onPress={() => void begin()} />
        </div>
        {failed ? <p role="alert">{notBegunWords}</p> : null}
      </main>
    );
  return (
    <ClientProvider value={practice.client}>
      <div className="practising">
        <BesideClose value={<RealPatientButton onPress={() => void begin()} />}>
          <Running
            key={practice.recordId}
            practice={practice}
            real={client}
            shift={shift}
            author={author}
            onRealPatient={() => void begin()}
            onAgain={() => setTurn(turn + 1)}
            onEnd={onClose}
          />
        </BesideClose>
        {failed ? (
          <p className="practice-failed" role="alert">
            {notBegunWords}
          </p>
        ) : null}
      </div>
    </ClientProvider>
  );
};

interface RunningProps {
  practice: Practice;
  real: Client;
  shift: Shift;
  author: Author;
  onRealPatient: () => void;
  onAgain: () => void;
  onEnd: () => void;
}

/** Its places are its own, and never in the address: a reload, and the browser's Back, lead out of it. */
const Running = ({ practice, real, shift, author, onRealPatient, onAgain, onEnd }: RunningProps) => {
  const { client, enrolment, recordId, setPlug } = practice;
  const progress = useSyncExternalStore(practice.subscribe, practice.getProgress);
  const [place, setPlace] = useState<Place>(home);
  const [isMenu, setMenu] = useState(false);
  const isRecord = place.at === "record";
  const frame = (
    <PracticeFrame
      real={real}
      author={author}
      progress={progress}
      onPlug={setPlug}
      onSteps={isRecord ? () => setPlace(home) : undefined}
      onRealPatient={onRealPatient}
    />
  );
  return (
    <>
      {isRecord ? (
        <OpenRecord
          client={client}
          enrolment={enrolment}
          shift={shift}
          author={author}
          place={place}
          go={setPlace}
          onMenu={() => setMenu(true)}
          practice={frame}
        />
      ) : (
        <div className="app">
          {frame}
          <StepsScreen
            progress={progress}
            onPlug={setPlug}
            onPatient={() => setPlace({ at: "record", recordId, screen: "timeline" })}
            onAgain={onAgain}
            onEnd={onEnd}
          />
        </div>
      )}
      {isMenu ? <PracticeMenu onEnd={onEnd} onClose={() => setMenu(false)} /> : null}
    </>
  );
};
