import { Dialog } from "#ui/dialog.tsx";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { Chips } from "../../shell/chips.tsx";
import { TextField } from "../../shell/text-field.tsx";

/** Scale 2 is a named clinician's recorded decision for confirmed hypercapnic failure; a history of COPD alone never sets it. */
export const ScaleSheet = ({ current, onClose }: { current: 1 | 2; onClose: () => void }) => {
  const { write } = useSession();
  const [scale, setScale] = useKept<"1" | "2">("scale", current === 1 ? "2" : "1");
  const [decidedBy, setDecidedBy] = useKept("scale decided by", "");
  const [basis, setBasis] = useKept("scale basis", "");
  const save = async () => {
    await write("spo2-scale", {
      scale: scale === "1" ? 1 : 2,
      decidedBy: decidedBy.trim(),
      basis: basis.trim(),
    });
    onClose();
  };
  return (
    <Dialog title="SpO₂ scale" onClose={onClose}>
      <div className="sheet">
        <p>Scale 2 only where a clinician has confirmed hypercapnic failure. COPD alone does not decide it.</p>
        <Chips
          legend="Scale"
          value={scale}
          onChange={setScale}
          options={[
            { value: "1", label: "Scale 1" },
            { value: "2", label: "Scale 2" },
          ]}
        />
        <TextField label="Decided by (name and role)" value={decidedBy} onChange={setDecidedBy} maxLength={200} />
        <TextField label="On what basis" value={basis} onChange={setBasis} maxLength={200} />
        <div className="actions">
          <button
            type="button"
            className="btn primary big"
            disabled={decidedBy.trim() === "" || basis.trim() === ""}
            onClick={() => void save()}
          >
            Record decision
          </button>
        </div>
      </div>
    </Dialog>
  );
};
