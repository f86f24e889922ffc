import { type FormEvent, useState } from "react";
import { type CodeRequest, type CodeResponse, codeHoursMax, codeResponse } from "#protocol/control/devices.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { fullTime } from "../parts/words.ts";
import { zoneWords } from "./device-words.ts";
import { QrCode } from "./qr-code.tsx";

/** A one-time code for a new device: typed there, or read by its camera. It is shown once, and can be printed. */
export const CodeDialog = ({ onClose }: { onClose: () => void }) => {
  const desk = useDesk();
  const [zone, setZone] = useState<CodeRequest["zone"]>("crew");
  const [siteId, setSiteId] = useState("");
  const [deviceName, setDeviceName] = useState("");
  const [hours, setHours] = useState("24");
  const [made, setMade] = useState<CodeResponse>();
  const { busy, fault, attempt } = useAttempt();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body: CodeRequest = {
      zone,
      ...(zone === "care" && { siteId: siteId.trim() }),
      deviceName: deviceName.trim(),
      hours: Number(hours),
    };
    void attempt(async () => setMade(await desk.change(codeResponse, "/control/v1/codes", body)));
  };

  if (made)
    return (
      <Dialog title={`Code for ${made.deviceName}`} onClose={onClose}>
        <div className="stack printed">
          <QrCode text={made.code} label={`The code ${made.code} as a picture`} />
          <p className="code">{made.code}</p>
          <p>
            For one device, once, until {fullTime(made.expiresAt)}. It is not shown again: write it down, print it, or
            type it now.
          </p>
          <button type="button" className="button no-print" onClick={() => print()}>
            Print
          </button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="New device code" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <label className="field">
          What it is
          <select value={zone} onChange={(event) => setZone(event.target.value as CodeRequest["zone"])}>
            {(["crew", "care", "control"] as const).map((each) => (
              <option key={each} value={each}>
                {zoneWords[each]}
              </option>
            ))}
          </select>
        </label>
        {zone === "care" && (
          <TextField label="Site" value={siteId} onChange={setSiteId} required pattern="[a-z0-9\-]{1,40}">
            <span className="faint">As in southgate-ed</span>
          </TextField>
        )}
        <TextField
          label="Its name"
          value={deviceName}
          onChange={setDeviceName}
          required
          minLength={2}
          maxLength={100}
        />
        <TextField
          label="Good for, hours"
          type="number"
          value={hours}
          onChange={setHours}
          required
          min={1}
          max={codeHoursMax}
        />
        <Fault words={fault} />
        <button type="submit" className="button big" disabled={busy}>
          Make the code
        </button>
      </form>
    </Dialog>
  );
};
