import { useState } from "react";
import { type DeviceRow, type ReleaseResponse, releaseResponse } from "#protocol/control/devices.ts";
import { Dialog } from "#ui/dialog.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";

interface ReleaseDialogProps {
  row: DeviceRow;
  onDone: () => void;
  onClose: () => void;
}

/** Takes a revoked device's word for what it pushed since. The device itself stays revoked. */
export const ReleaseDialog = ({ row, onDone, onClose }: ReleaseDialogProps) => {
  const desk = useDesk();
  const [done, setDone] = useState<ReleaseResponse>();
  if (done)
    return (
      <Dialog title={`Released from ${row.name}`} onClose={onClose}>
        <p role="status">{released(done)}</p>
      </Dialog>
    );
  return (
    <ChangeDialog
      title={`Release what ${row.name} sent`}
      action="Release the entries"
      onChange={async (reason) => {
        const path = `/control/v1/devices/${row.deviceId}/release`;
        setDone(await desk.change(releaseResponse, path, { reason, expected: row.position }));
        onDone();
      }}
      staysOpen
      onStale={onDone}
      onClose={onClose}
    >
      <p>
        {entries(row.waiting ?? 0)} signed by this device after it was marked as {row.state}. Speak with the crew first:
        once released they stand in the patients' records, and only a strike takes them back.
      </p>
    </ChangeDialog>
  );
};

const entries = (count: number): string => `${count} ${count === 1 ? "entry" : "entries"}`;

const released = ({ released: count, left }: ReleaseResponse): string => {
  const stayed = Object.entries(left).map(([code, number]) => `${entries(number)} stayed (${code})`);
  return [`${entries(count)} released.`, ...stayed].join(" ");
};
