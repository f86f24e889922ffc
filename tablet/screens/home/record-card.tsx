import { news2Of } from "#domain/observations/news2.ts";
import { ageSexText } from "#domain/patient/age.ts";
import { concernOf } from "#domain/presentation/concern.ts";
import { useNow } from "#ui/age.ts";
import { News2Badge } from "#ui/news-badge.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import type { HeldRecordView } from "../../record/held-record.ts";
import { shownNews2 } from "../../record/shown-news2.ts";
import { unconfirmedOf } from "../../record/unconfirmed.ts";
import { patientName } from "../record/patient-words.ts";

/** One record in the list: who, why, how ill, since when, and what of it is only here. */
export const RecordCard = ({ view, onOpen }: { view: HeldRecordView; onOpen: () => void }) => {
  const { record, states } = view;
  const now = useNow(60_000);
  const patient = record.patient?.body;
  const first = record.lines[0]?.entry.occurredAt;
  const latest = record.observations.at(-1);
  const count = (at: "waiting" | "held") => [...states.values()].filter((state) => state.at === at).length;
  const [waiting, held] = [count("waiting"), count("held")];
  const accepted = record.acceptance?.body.acceptedBy;
  return (
    <button type="button" className="card record-card" onClick={onOpen}>
      <time dateTime={first}>{first === undefined ? "" : clockTimeSeenFrom(first, now)}</time>
      <span className="text">
        <b>
          {patientName(patient)} <span className="soft">{ageSexText(patient, new Date(now).toISOString())}</span>
        </b>
        <span>{concernOf(record)}</span>
      </span>
      {unconfirmedOf(record) === null ? null : <span className="chip wait">! author to be confirmed</span>}
      {record.awaitingCoSign.length === 0 ? null : (
        <span className="chip wait">! {record.awaitingCoSign.length} to co-sign</span>
      )}
      {accepted === undefined ? null : <span className="chip ok">✓ accepted by {accepted}</span>}
      {waiting + held === 0 ? <span className="chip ok">✓ All sent</span> : null}
      {waiting === 0 ? null : <span className="chip wait">● {waiting} waiting</span>}
      {held === 0 ? null : <span className="chip wait">● {held} at the standby, not yet at the base</span>}
      {latest === undefined ? <span /> : <News2Badge news2={shownNews2(news2Of(record, latest))} />}
    </button>
  );
};
