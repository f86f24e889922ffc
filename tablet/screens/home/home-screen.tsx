import type { Client, Enrolment } from "#client/client.ts";
import type { Author } from "#domain/entry/entry.ts";
import { Icon } from "#ui/icons.tsx";

import type { Place } from "../../record/places.ts";
import { notBegunWords, useNewRecord } from "../../record/use-new-record.ts";
import { lockTablet } from "../../shell/lock.ts";
import { ServiceFrame } from "../../shell/service-frame.tsx";
import type { Shift } from "../../shift.ts";
import { NoticeBanner } from "../downtime/notice-banner.tsx";
import { RecordCard } from "./record-card.tsx";
import { useRecordList } from "./use-record-list.ts";
import "./home.css";

interface HomeScreenProps {
  client: Client;
  enrolment: Enrolment;
  shift: Shift;
  author: Author;
  go: (place: Place) => void;
  onMenu: () => void;
  onDowntime: () => void;
}

/** The shift's records, and one big way to begin another. */
export const HomeScreen = ({ client, enrolment, shift, author, go, onMenu, onDowntime }: HomeScreenProps) => {
  const records = useRecordList(client);
  const { begin, failed } = useNewRecord({ client, enrolment, shift, author }, go);
  return (
    <div className="app">
      <ServiceFrame author={author} />
      <NoticeBanner />
      <div className="screen">
        <header className="bar-top">
          <h1>{shift.callSign}</h1>
          <span className="small">
            {shift.vehicle} · {author.name} · {enrolment.trustName}
          </span>
          <span className="grow" />
          <button type="button" className="btn" onClick={onDowntime}>
            Downtime
          </button>
          <button type="button" className="btn" onClick={() => lockTablet(client)}>
            Lock
          </button>
          <button type="button" className="btn quiet" aria-label="Menu: lock, theme, this tablet" onClick={onMenu}>
            <Icon name="more" />
          </button>
        </header>
        <main className="home">
          <div className="stack">
            <button type="button" className="btn primary new-record" onClick={() => void begin()}>
              <span className="plus" aria-hidden>
                +
              </span>
              New record
            </button>
            <button type="button" className="btn big" onClick={() => go({ at: "earlier" })}>
              Earlier records
            </button>
          </div>
          {failed ? (
            <p className="flag" role="alert">
              {notBegunWords}
            </p>
          ) : null}
          <section aria-labelledby="records-title" className="records">
            <h2 id="records-title">Records on this tablet</h2>
            {records === null ? <p>Reading …</p> : null}
            {records?.length === 0 ? (
              <p className="small">None yet. A record needs no network: begin at the patient.</p>
            ) : null}
            <ul>
              {records?.map((view) => (
                <li key={view.record.recordId}>
                  <RecordCard
                    view={view}
                    onOpen={() => go({ at: "record", recordId: view.record.recordId, screen: "timeline" })}
                  />
                </li>
              ))}
            </ul>
          </section>
        </main>
      </div>
    </div>
  );
};
