import { useState } from "react";
import { type OutageAsked, outageBegun } from "#protocol/control/outages.ts";
import { Fault } from "#ui/fault.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { localText } from "../parts/local-text.ts";

const dayMs = 86_400_000;
const lateMinutesFirst = 30;

interface NewOutageDialogProps {
  onBegun: (outageId: string) => void;
  onClose: () => void;
}

/** When the base was away, as the desk knows it. Entries tell the rest. */
export const NewOutageDialog = ({ onBegun, onClose }: NewOutageDialogProps) => {
  const desk = useDesk();
  const [from, setFrom] = useState(() => localText(Date.now() - dayMs));
  const [to, setTo] = useState(() => localText(Date.now()));
  const [lateMinutes, setLateMinutes] = useState(lateMinutesFirst);
  const begin = async (reason: string) => {
    const [fromTime, toTime] = [from, to].map((text) => new Date(text).toISOString());
    const body: OutageAsked = { from: fromTime!, to: toTime!, lateMinutes, reason };
    const { outageId } = await desk.change(outageBegun, "/control/v1/outages", body);
    onBegun(outageId);
  };
  return (
    <ChangeDialog
      title="An outage"
      action="List its contacts"
      reasonLabel="What happened"
      onChange={begin}
      onStale={() => {}}
      onClose={onClose}
    >
      <div className="row ask-fields">
        <label className="field">
          From
          <input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} required />
        </label>
        <label className="field">
          Until before
          <input type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} required />
        </label>
        <label className="field">
          Late after, in minutes
          <input
            type="number"
            min={1}
            max={1440}
            value={lateMinutes}
            onChange={(event) => setLateMinutes(Number(event.target.value))}
            required
          />
        </label>
      </div>
      {from >= to && <Fault words="The first time is not before the last." />}
    </ChangeDialog>
  );
};
