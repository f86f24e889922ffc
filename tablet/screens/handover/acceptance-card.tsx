import { changedSinceAcceptance } from "#domain/handover/seen.ts";
import { isOnlyHeld } from "#sync/archived.ts";
import { Icon } from "#ui/icons.tsx";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";

/** The hospital's side, as a receipt: who accepted, when, and how much has changed since. */
export const AcceptanceCard = () => {
  const { record, states } = useSession();
  const { acceptance, place, handover } = record;
  const state = acceptance && states.get(acceptance.entry.id);
  const changes = acceptance === undefined ? [] : changedSinceAcceptance(record, acceptance.body.site.siteId);
  return (
    <div className="card pad-in receipt" data-accepted={acceptance !== undefined} role="status">
      <Icon name={acceptance === undefined ? "clock" : "check"} size={40} />
      <div>
        {acceptance === undefined ? (
          <>
            <b>Not accepted on a screen yet</b>
            <div className="small">The hospital's acceptance shows here. The handover does not wait for it.</div>
          </>
        ) : (
          <>
            <b>
              Accepted by {acceptance.body.acceptedBy}
              {acceptance.body.role ? `, ${acceptance.body.role}` : ""} at {clockTime(acceptance.entry.occurredAt)}
            </b>
            <div>{acceptance.body.site.name}</div>
            {state !== undefined && isOnlyHeld(state) ? <div className="flag">! not yet at the base</div> : null}
            {acceptance.body.comment ? <div>“{acceptance.body.comment}”</div> : null}
          </>
        )}
        {place === undefined ? null : <div>Place: {place.body.place}</div>}
        {changes.length === 0 ? null : (
          <div className="flag">
            ! {changes.length} {changes.length === 1 ? "change" : "changes"} since, not yet seen there
          </div>
        )}
        {handover?.body.receiverName === undefined ? null : (
          <div className="small">
            Recorded by the crew: {handover.body.receiverName}
            {handover.body.receiverRole ? `, ${handover.body.receiverRole}` : ""} at{" "}
            {clockTime(handover.entry.occurredAt)}
            {handover.body.receiptCodeAt === undefined
              ? ""
              : `; the receipt's code says accepted at ${clockTime(handover.body.receiptCodeAt)}`}
          </div>
        )}
      </div>
    </div>
  );
};
