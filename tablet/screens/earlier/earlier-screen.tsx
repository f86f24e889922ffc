import { useEffect, useState } from "react";
import type { Client } from "#client/client.ts";
import type { EarlierRecord } from "#client/earlier.ts";
import type { Author } from "#domain/entry/entry.ts";
import type { Patient } from "#domain/patient/patient.ts";
import type { FindResponse, FoundRecord } from "#protocol/find.ts";
import { TransportFailure } from "#sync/ports.ts";
import { useNow } from "#ui/age.ts";
import { type LookUp, noLookUp, readLookUp } from "#ui/look-up.ts";
import { useHeldRecord } from "../../record/held-record.ts";
import { home, type Place } from "../../record/places.ts";
import { useKeptAlone } from "../../record/use-kept.ts";
import { useSnapshot } from "../../shell/client-context.tsx";
import { ServiceFrame } from "../../shell/service-frame.tsx";
import { patientForm } from "../patient/patient-form.ts";
import { FoundList } from "./found-list.tsx";
import { KeptList } from "./kept-list.tsx";
import { LookUpForm } from "./look-up-form.tsx";
import "./earlier.css";

interface EarlierScreenProps {
  client: Client;
  author: Author;
  /** The open record whose patient is looked up; undefined from the list of records. */
  about: string | undefined;
  go: (place: Place) => void;
}

/** Finds what another crew of the trust wrote of a patient, and opens it for a reason. */
export const EarlierScreen = ({ client, author, about, go }: EarlierScreenProps) => {
  const back: Place = about === undefined ? home : { at: "record", recordId: about, screen: "timeline" };
  return (
    <div className="app">
      <ServiceFrame author={author} />
      <div className="screen">
        <header className="bar-top">
          <button type="button" className="btn quiet" onClick={() => go(back)}>
            Back
          </button>
          <h1>Earlier records</h1>
          <span className="small">What other crews of your trust wrote of a patient</span>
        </header>
        {about === undefined ? (
          <LookUpPanel client={client} author={author} start={noLookUp} except={undefined} go={go} />
        ) : (
          <OfRecord client={client} author={author} about={about} go={go} />
        )}
      </div>
    </div>
  );
};

const OfRecord = ({ about, ...props }: Pick<LookUpPanelProps, "client" | "author" | "go"> & { about: string }) => {
  const view = useHeldRecord(props.client.replica, about);
  if (view === null) return <main aria-busy="true" />;
  return <LookUpPanel {...props} start={lookUpOf(view.record.patient?.body)} except={about} />;
};

/** What the open record knows of its patient, so that nobody types it again. */
const lookUpOf = (patient: Patient | undefined): LookUp => {
  const { nhsNumber, familyName, birthDate } = patientForm(patient);
  const by = nhsNumber === "" && familyName !== "" ? "name" : "nhs-number";
  return { ...noLookUp, by, nhsNumber, familyName, birthDate };
};

interface LookUpPanelProps {
  client: Client;
  author: Author;
  start: LookUp;
  except: string | undefined;
  go: (place: Place) => void;
}

const needsBase = "Earlier records need the base, which does not answer now. Carry on charting.";

const LookUpPanel = ({ client, author, start, except, go }: LookUpPanelProps) => {
  const { link, person } = useSnapshot();
  const now = useNow(60_000);
  const [form, setForm] = useKeptAlone("look up", start);
  const [answer, setAnswer] = useState<FindResponse | null>(null);
  const [busy, setBusy] = useState(false);
  const [opening, setOpening] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [held, setHeld] = useState<ReadonlySet<string>>(new Set());
  const [kept, setKept] = useState<EarlierRecord[]>([]);
  const userId = person?.userId ?? "";
  useEffect(() => {
    client.earlier.kept(userId).then(setKept, () => setKept([]));
    client.records().then(
      (records) => setHeld(new Set(records.map(({ recordId }) => recordId))),
      () => {},
    );
  }, [client, userId]);
  const goToRead = (recordId: string) =>
    go({ at: "earlier-record", recordId, ...(except !== undefined && { about: except }) });
  const fail = (failure: unknown) =>
    setFault(failure instanceof TransportFailure && failure.code !== "unreachable" ? failure.message : needsBase);

  const find = async () => {
    const read = readLookUp(form);
    if ("lacks" in read) return;
    setBusy(true);
    setFault(null);
    setAnswer(null);
    try {
      const { found, ...rest } = await client.earlier.find(read.by, read.reason, { by: author, about: except });
      setAnswer({ ...rest, found: found.filter(({ recordId }) => recordId !== except) });
    } catch (failure) {
      fail(failure);
    } finally {
      setBusy(false);
    }
  };

  const open = async ({ recordId, yours }: FoundRecord) => {
    setOpening(recordId);
    setFault(null);
    try {
      const reason = form.reason.trim();
      const asked = { recordId, openedBy: userId, reason, yours };
      if (held.has(recordId)) {
        // A crewmate joined it here. With this person's own reason the base goes on sending what others write; charting waits for nothing.
        if (!yours) await client.earlier.open(asked).catch(() => {});
        return go({ at: "record", recordId, screen: "timeline" });
      }
      await client.earlier.keep(await client.earlier.open(asked));
      goToRead(recordId);
    } catch (failure) {
      fail(failure);
    } finally {
      setOpening(null);
    }
  };

  const isAway = link === "unreachable" || fault === needsBase;
  return (
    <main className="earlier">
      <LookUpForm form={form} onChange={setForm} onFind={() => void find()} busy={busy} />
      <div className="stack">
        {isAway ? (
          <p className="flag" role="status">
            {needsBase}
          </p>
        ) : null}
        {fault === null || isAway ? null : (
          <p className="flag" role="alert">
            {fault}
          </p>
        )}
        {answer === null ? null : (
          <FoundList answer={answer} held={held} nowMs={now} opening={opening} onOpen={(one) => void open(one)} />
        )}
        <KeptList kept={kept} nowMs={now} onOpen={goToRead} />
      </div>
    </main>
  );
};
