import { useState } from "react";
import { type OutageAsked, outageBegun } from "#protocol/control/outages.ts";
import { Fault } from "#ui/fault.tsx";
import { TextField } from "#ui/text-field.tsx";
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
        <TextField label="From" type="datetime-local" value={from} onChange={setFrom} required />
        <TextField label="Until before" type="datetime-local" value={to} onChange={setTo} required />
        <TextField
          label="Late after, in minutes"
          type="number"
          min={1}
          max={1440}
          value={String(lateMinutes)}
          onChange={(typed) => setLateMinutes(Number(typed))}
          required
        />
      </div>
      {from >= to && <Fault words="The first time is not before the last." />}
    </ChangeDialog>
  );
};
