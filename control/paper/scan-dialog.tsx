import { useState } from "react";
import { faultWords, readPaperNumber } from "#domain/paper/number.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { CameraView } from "#ui/film/camera-view.tsx";

interface ScanDialogProps {
  /** As printed; its check digits fit. */
  onNumber: (number: string) => void;
  onClose: () => void;
}

/** Reads the code on a form with this desk's camera. What is no form's number is said, and the next picture is looked at. */
export const ScanDialog = ({ onNumber, onClose }: ScanDialogProps) => {
  const [fault, setFault] = useState<string | null>(null);
  const look = async (bytes: Uint8Array) => {
    const read = readPaperNumber(new TextDecoder().decode(bytes));
    if ("fault" in read) setFault(faultWords[read.fault]);
    else onNumber(read.text);
  };
  return (
    <Dialog title="Scan the form's code" onClose={onClose}>
      <div className="stack">
        <p>Hold the form to the camera: the code is at the top right of both its pages.</p>
        <CameraView label="What this desk's camera sees" onSymbol={look} />
        <Fault words={fault} />
      </div>
    </Dialog>
  );
};
