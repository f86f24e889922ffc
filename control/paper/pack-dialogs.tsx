import { useState } from "react";
import { formsMax } from "#domain/paper/number.ts";
import { changedResponse } from "#protocol/control/page.ts";
import type { PackIssue, PackNew, PackRow } from "#protocol/control/paper.ts";
import { TextField } from "#ui/text-field.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { Box } from "./boxes.tsx";

interface DialogProps {
  onDone: () => void;
  onClose: () => void;
}

/** Signs a pack out, or to somebody else. */
export const IssueDialog = ({ row, onDone, onClose }: DialogProps & { row: PackRow }) => {
  const desk = useDesk();
  const [vehicle, setVehicle] = useState(row.vehicle ?? "");
  const [heldBy, setHeldBy] = useState("");
  const change = async (reason: string) => {
    const body: PackIssue = { vehicle, heldBy, reason, expected: row.position };
    await desk.change(changedResponse, `/control/v1/paper/packs/${row.pack}`, body);
    onDone();
  };
  return (
    <ChangeDialog
      title={`Give out pack ${row.pack}`}
      action="Give it out"
      onChange={change}
      onStale={onDone}
      onClose={onClose}
    >
      <Box label="Vehicle or call sign" value={vehicle} required maxLength={60} onChange={setVehicle} />
      <Box label="To whom" value={heldBy} required maxLength={100} onChange={setHeldBy} />
    </ChangeDialog>
  );
};

/** A pack that was printed without the base, made known from its cover. */
export const PackDialog = ({ pack: first, onDone, onClose }: DialogProps & { pack: string }) => {
  const desk = useDesk();
  const [pack, setPack] = useState(first);
  const [forms, setForms] = useState("");
  const change = async (reason: string) => {
    const body: PackNew = { pack: pack.trim().toUpperCase(), forms: Number(forms), reason };
    await desk.change(changedResponse, "/control/v1/paper/packs", body);
    onDone();
  };
  return (
    <ChangeDialog title="Make a pack known" action="Make it known" onChange={change} onStale={onDone} onClose={onClose}>
      <p>For a pack that a machine printed without the base. Both stand on its cover.</p>
      <Box label="Pack, as in NM-9482109375001" value={pack} required maxLength={20} onChange={setPack} />
      <TextField
        label="How many forms"
        type="number"
        value={forms}
        min={1}
        max={formsMax}
        required
        onChange={setForms}
      />
    </ChangeDialog>
  );
};
