import { useState } from "react";
import { milestoneWords } from "#domain/entry/compose.ts";
import { AccessDialog } from "#ui/access-dialog.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { moreEvents } from "../record/quick-tiles.ts";

const milestones = ["at-scene", "at-patient", "left-scene", "at-hospital", "clear"] as const;

/** What is needed less often than the bar's tiles: times of the response, screens, and the long tail of events. */
export const MoreSheet = ({ onClose }: { onClose: () => void }) => {
  const { write, go, leave, record, client } = useSession();
  const [isAsked, setAsked] = useState(false);
  const reached = new Set(record.milestones.map((line) => line.known.body.milestone));
  const log = async (save: () => Promise<unknown>) => {
    onClose();
    await save();
  };
  if (isAsked)
    return (
      <AccessDialog
        load={(before) => client.accessesOf(record.recordId, before)}
        nowMs={Date.now()}
        onClose={onClose}
      />
    );
  return (
    <Dialog title="More" onClose={onClose} wide>
      <div className="sheet">
        <fieldset className="chips">
          <legend>Times of the response</legend>
          {milestones.map((milestone) => (
            <button
              key={milestone}
              type="button"
              className="btn"
              onClick={() =>
                void log(() =>
                  write("milestone", { milestone }, { undo: `${milestoneWords[milestone]} ${clockTime(Date.now())}` }),
                )
              }
            >
              {reached.has(milestone) ? "✓ " : ""}
              {milestoneWords[milestone]}
            </button>
          ))}
        </fieldset>
        <fieldset className="chips">
          <legend>Screens</legend>
          <button type="button" className="btn" onClick={() => go("patient")}>
            Patient
          </button>
          <button type="button" className="btn" onClick={() => go("patient", "allergies")}>
            Allergies
          </button>
          <button type="button" className="btn" onClick={() => go("presentation")}>
            Presentation
          </button>
          <button type="button" className="btn" onClick={() => go("prealert")}>
            Destination
          </button>
          <button type="button" className="btn primary" onClick={() => go("handover")}>
            Handover
          </button>
          <button type="button" className="btn" onClick={() => leave({ at: "earlier", about: record.recordId })}>
            Earlier records of this patient
          </button>
          <button type="button" className="btn" onClick={() => setAsked(true)}>
            Who has had this record
          </button>
        </fieldset>
        <fieldset className="chips">
          <legend>One tap, with its time</legend>
          {moreEvents.map(({ event, toFinish }) => (
            <button
              key={event}
              type="button"
              className="btn"
              onClick={() =>
                void log(() =>
                  write(
                    "event",
                    { event, ...(toFinish ? { toFinish } : {}) },
                    { undo: `${event} ${clockTime(Date.now())}` },
                  ),
                )
              }
            >
              {event}
            </button>
          ))}
        </fieldset>
      </div>
    </Dialog>
  );
};
