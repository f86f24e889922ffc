import { useEffect, useState } from "react";
import { type OutageRow, outageBegun, outagesResponse } from "#protocol/control/outages.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "../parts/instant.tsx";
import { Scrolling } from "../parts/scrolling.tsx";
import { fullTime } from "../parts/words.ts";
import { may } from "../shell/may.ts";
import { Contacts } from "./contacts.tsx";
import { NewOutageDialog } from "./new-outage-dialog.tsx";

const refreshMs = 2_000;

/** Every contact of an outage with what it went without, reviewed one by one. */
export const OutagesPage = () => {
  const desk = useDesk();
  const { answer, fault, refresh } = useAnswer(() => desk.read(outagesResponse, "/control/v1/outages"), [desk]);
  const [shown, setShown] = useState<string | null>(null);
  const [isNew, setIsNew] = useState(false);
  const { busy, fault: failed, attempt } = useAttempt();
  const running = answer?.outages.some((each) => each.running) === true;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(refresh, refreshMs);
    return () => clearInterval(timer);
  }, [running, refresh]);
  const listAgain = (outageId: string) =>
    attempt(async () => {
      await desk.change(outageBegun, `/control/v1/outages/${outageId}`, {});
      refresh();
    });
  const outage = answer?.outages.find(({ outageId }) => outageId === shown);
  return (
    <>
      <div className="row">
        <h1 className="grow">Harm review</h1>
        <button type="button" className="button" disabled={answer?.able !== true} onClick={() => setIsNew(true)}>
          New outage
        </button>
      </div>
      <p className="soft">
        Every contact in the time that the base was away, and what it went without: look-ups, handovers, ECGs, entries
        that came late, paper. It tells what reached the base or its paper list: a look-up that no server answered is
        among it once its device has come back.
      </p>
      {answer?.able === false && (
        <p className="warned">
          ▲ This server seals into no archive, and reads no log as a whole: nothing is listed here.
        </p>
      )}
      <Fault words={fault ?? failed} />
      {answer && answer.outages.length === 0 && <p role="status">No outage has been listed.</p>}
      {answer && answer.outages.length > 0 && (
        <Outages outages={answer.outages} shown={shown} busy={busy} onShow={setShown} onAgain={listAgain} />
      )}
      {outage?.listedAt !== undefined && (
        <ContactsOf key={`${outage.outageId} ${outage.listedAt}`} outage={outage} onReviewed={refresh} />
      )}
      {isNew && (
        <NewOutageDialog
          onBegun={(outageId) => {
            setShown(outageId);
            refresh();
          }}
          onClose={() => setIsNew(false)}
        />
      )}
    </>
  );
};

const ContactsOf = ({ outage: { outageId, from, to }, onReviewed }: { outage: OutageRow; onReviewed: () => void }) => {
  const state = useDesk().getState();
  const mayExport = state.phase === "signed-in" && may(state.person.roles, "export");
  const of = `${fullTime(from)} to ${fullTime(to)}`;
  return <Contacts outageId={outageId} of={of} mayExport={mayExport} onReviewed={onReviewed} />;
};

interface OutagesProps {
  outages: readonly OutageRow[];
  shown: string | null;
  busy: boolean;
  onShow: (outageId: string) => void;
  onAgain: (outageId: string) => void;
}

const Outages = ({ outages, shown, busy, onShow, onAgain }: OutagesProps) => (
  <Scrolling label="Outages">
    <table className="table">
      <caption className="words-only">Outages</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Until before</th>
          <th scope="col">Late after</th>
          <th scope="col">What happened</th>
          <th scope="col">Contacts</th>
          <th scope="col">To look at</th>
          <th scope="col">Listed</th>
          <th scope="col">Do</th>
        </tr>
      </thead>
      <tbody>
        {outages.map((each) => (
          <tr key={each.outageId}>
            <th scope="row">
              <Instant at={each.from} />
            </th>
            <td>
              <Instant at={each.to} />
            </td>
            <td>{each.lateMinutes} min</td>
            <td>
              {each.reason}
              <p className="faint">{each.by}</p>
            </td>
            <td>{each.contacts}</td>
            <td>{each.open > 0 ? <span className="chip alarm">▲ {each.open}</span> : "none"}</td>
            <td>{each.running ? "Reading …" : each.listedAt ? <Instant at={each.listedAt} /> : "▲ not to its end"}</td>
            <td>
              <div className="acts choices">
                <button
                  type="button"
                  className="button quiet"
                  aria-pressed={shown === each.outageId}
                  disabled={each.listedAt === undefined}
                  onClick={() => onShow(each.outageId)}
                >
                  Show<span className="words-only"> the contacts from {fullTime(each.from)}</span>
                </button>
                <button
                  type="button"
                  className="button quiet"
                  disabled={each.running || busy}
                  onClick={() => onAgain(each.outageId)}
                >
                  List again<span className="words-only">, from {fullTime(each.from)}</span>
                </button>
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scrolling>
);
