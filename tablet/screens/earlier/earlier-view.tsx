import { useState } from "react";
import { useNow } from "#ui/age.ts";
import { glassWords } from "#ui/look-up.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { EntryPanel } from "../entry/entry-panel.tsx";
import { AllergyWords, WhoWords } from "../record/header.tsx";
import { ObsTiles } from "../record/obs-tiles.tsx";
import { patientName } from "../record/patient-words.ts";
import { AtmistCard } from "../record/side-cards.tsx";
import { Timeline } from "../record/timeline.tsx";
import "../record/record.css";

/** The record as its crew left it: who it is first, so that it is checked against the person in front. Nothing here writes. */
export const EarlierView = ({ onBack, onJoin }: { onBack: () => void; onJoin: () => Promise<void> }) => {
  const { record, earlier } = useSession();
  const now = useNow(10_000);
  const [open, setOpen] = useState<string | null>(null);
  const [joining, setJoining] = useState<"asked" | "going" | null>(null);
  const line = record.lines.find((one) => one.entry.id === open);
  if (earlier === undefined) return null;
  const readAt = clockTimeSeenFrom(new Date(earlier.openedAtMs).toISOString(), now);
  return (
    <div className="screen earlier-record">
      <div>
        <header className="bar-top record-header">
          <h1 className="words-only">Earlier record of {patientName(record.patient?.body)}</h1>
          <button type="button" className="btn quiet" onClick={onBack}>
            Back
          </button>
          <div className="who">
            <WhoWords />
          </div>
          <AllergyWords />
          <span className="grow" />
          <div className="small">
            {record.incident?.body.callSign ?? ""} · read only
            <br />
            as it was at {readAt}
          </div>
        </header>
        <section className="glass-banner" aria-label="How this record was opened">
          <p>
            <b>
              {earlier.yours
                ? "Your own crew's record of this shift: opened as usual"
                : `▲ ${glassWords("your trust")}`}
            </b>
            {earlier.yours ? null : `“${earlier.reason}”. `}Check the name and date of birth with the patient.
          </p>
          {joining === null ? (
            <button type="button" className="btn" onClick={() => setJoining("asked")}>
              Go on in this record
            </button>
          ) : (
            <button
              type="button"
              className="btn primary"
              disabled={joining === "going"}
              onClick={() => {
                setJoining("going");
                void onJoin().catch(() => setJoining(null));
              }}
            >
              Yes, we join: an entry says so
            </button>
          )}
        </section>
      </div>
      <main className="record-main">
        <Timeline nowMs={now} onOpen={(one) => setOpen(one.entry.id)} />
        <div className="side">
          <ObsTiles nowMs={now} />
          <AtmistCard nowMs={now} />
        </div>
      </main>
      {line === undefined ? null : (
        <EntryPanel key={line.entry.id} line={line} finish={false} onClose={() => setOpen(null)} />
      )}
    </div>
  );
};
