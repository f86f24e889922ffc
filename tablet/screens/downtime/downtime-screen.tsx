import type { Enrolment } from "#client/client.ts";
import { emptyKit, standingNotices } from "#client/downtime.ts";
import { useNow } from "#ui/age.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { useSnapshot } from "../../shell/client-context.tsx";
import type { Shift } from "../../shift.ts";
import { packsHere, packWords } from "./held-packs.ts";
import { runbooks } from "./runbooks.ts";
import "./downtime.css";

interface DowntimeScreenProps {
  enrolment: Enrolment;
  shift: Shift | null;
  onBack: () => void;
  /** Absent where nobody is signed in, or a record is open. */
  onPractise?: (() => void) | undefined;
}

/** When something does not answer: what works now, whom to call, what to do, and which paper is in the vehicle. Needs no network. */
export const DowntimeScreen = ({ enrolment, shift, onBack, onPractise }: DowntimeScreenProps) => {
  const { lastContactMs } = useSnapshot();
  const now = useNow(60_000);
  const kit = enrolment.downtimeKit ?? emptyKit;
  const { contacts, packs, refused, contactsAt } = kit;
  const notices = standingNotices(kit, now);
  const here = packsHere(packs, shift);
  return (
    <div className="screen">
      <header className="bar-top">
        <button type="button" className="btn quiet" onClick={onBack}>
          Back
        </button>
        <h1>Downtime</h1>
        <span className="small">
          {lastContactMs === null
            ? "The base has not answered since the start."
            : `The base last answered at ${clockTimeSeenFrom(lastContactMs, now)}.`}
        </span>
        <span className="grow" />
        {onPractise === undefined ? null : (
          <button type="button" className="btn" onClick={onPractise}>
            Practise: pull the plug
          </button>
        )}
      </header>
      <main className="downtime">
        <div className="stack">
          <section className="card" aria-labelledby="call-title">
            <h2 id="call-title">Whom to call, in this order</h2>
            {contacts.length === 0 ? (
              <p>The desk has named nobody yet. Ask your station for its numbers.</p>
            ) : (
              <ol className="contacts">
                {contacts.map(({ who, how, when }) => (
                  <li key={`${who} ${how}`}>
                    <b>{who}</b>
                    <span className="how">{how}</span>
                    {when === undefined ? null : <span className="small">{when}</span>}
                  </li>
                ))}
              </ol>
            )}
            {contactsAt === undefined ? null : (
              <p className="small">Signed by the trust at {clockTimeSeenFrom(contactsAt, now)}.</p>
            )}
          </section>
          <section className="card" aria-labelledby="paper-title">
            <h2 id="paper-title">Paper forms in this vehicle</h2>
            {here.length === 0 ? (
              <p>
                {shift === null
                  ? "Start a shift to see which packs the desk signed out to your vehicle."
                  : `No pack is signed out to ${shift.callSign}. Take one at the station, and tell the desk its number.`}
              </p>
            ) : (
              <ul>
                {here.map((pack) => (
                  <li key={pack.pack} className="how">
                    {packWords(pack)}
                  </li>
                ))}
              </ul>
            )}
          </section>
          {notices.length + refused === 0 ? null : (
            <section className="card" aria-labelledby="notices-title">
              <h2 id="notices-title">Notices of the trust</h2>
              {notices.map(({ noticeId, title, words, until }) => (
                <div key={noticeId}>
                  <h3>{title}</h3>
                  <p>{words}</p>
                  <p className="small">Until {clockTimeSeenFrom(until, now)}.</p>
                </div>
              ))}
              {refused === 0 ? null : (
                <p className="flag">
                  ! {refused} {refused === 1 ? "message was" : "messages were"} not signed by the trust, and{" "}
                  {refused === 1 ? "is" : "are"} not shown. Tell the desk.
                </p>
              )}
            </section>
          )}
        </div>
        <section className="stack" aria-label="What to do">
          {runbooks.map(({ title, steps }) => (
            <details key={title} className="card">
              <summary>
                <h2>{title}</h2>
              </summary>
              <ol>
                {steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            </details>
          ))}
        </section>
      </main>
    </div>
  );
};
